package dev.slipway.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/** Takes a few small files out of a zip without unpacking it, whatever else is in it. */
final class ZipFiles {
    private static final int MAX_NAMES = 20;
    /** Enough for a large repository; beyond it an archive is made to keep us busy. */
    private static final int MAX_ENTRIES = 500_000;

    private ZipFiles() {}

    sealed interface Contents {
        /**
         * @param wanted the files that were asked for and are there, by name
         * @param others the first names of the others, directories left out
         */
        record Files(Map<String, byte[]> wanted, List<String> others) implements Contents {}

        record TooLarge(String name) implements Contents {}

        record NotAZip(String reason) implements Contents {}
    }

    /** @param limit bytes that a wanted file may have */
    static Contents read(InputStream archive, List<String> wanted, int limit) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        List<String> others = new ArrayList<>();
        int entries = 0;
        // Not closed: the stream is the caller's.
        ZipInputStream zip = new ZipInputStream(archive);
        try {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries++;
                if (wanted.contains(entry.getName()) && files.size() < wanted.size()) {
                    byte[] content = zip.readNBytes(limit + 1);
                    if (content.length > limit) {
                        return new Contents.TooLarge(entry.getName());
                    }
                    files.put(entry.getName(), content);
                } else if (others.size() < MAX_NAMES && !entry.isDirectory()) {
                    others.add(entry.getName());
                }
                if (entries == MAX_ENTRIES || files.size() == wanted.size()) {
                    break;
                }
            }
        } catch (ZipException | IllegalArgumentException e) { // the second: a name that is no UTF-8
            return new Contents.NotAZip(Objects.requireNonNullElse(e.getMessage(), "it cannot be unpacked"));
        }
        return entries == 0
                ? new Contents.NotAZip("nothing in it can be read")
                : new Contents.Files(Map.copyOf(files), List.copyOf(others));
    }
}
