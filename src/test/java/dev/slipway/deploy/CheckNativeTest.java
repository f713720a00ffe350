package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What `make native` has built is refused where it would not run; for machines that cannot build it. */
@Tag("slow")
class CheckNativeTest {
    @TempDir
    private Path folder;

    @Test
    void aBinaryForTheFunctionsThatAreDeployedPasses() throws Exception {
        Result result = check(zip("bootstrap", elf(183, "\0GLIBC_2.17\0GLIBC_2.34\0")));
        assertThat(result).isEqualTo(new Result(0, result.output()));
        assertThat(result.output()).startsWith("native: arm64, glibc 2.34");
    }

    @ParameterizedTest
    @CsvSource({
        "62,  GLIBC_2.34, The binary is for x86_64",
        "183, GLIBC_2.38, The binary asks for glibc 2.38",
        "40,  GLIBC_2.17, The binary is for machine 40",
    })
    void anyOtherIsRefusedWithWhatToDo(int machine, String version, String message) throws Exception {
        Result result = check(zip("bootstrap", elf(machine, "\0GLIBC_2.2.5\0" + version + "\0")));
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).startsWith(message).contains("uild ");
    }

    @Test
    void aZipForTheJvmAndAProgramForAnotherSystemAreNone() throws Exception {
        assertThat(check(zip("lib/slipway.jar", new byte[0])).output()).contains("has no bootstrap");
        assertThat(check(zip("bootstrap", new byte[100])).output()).contains("no program for Linux");
    }

    private record Result(int status, String output) {}

    private Result check(Path zip) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "scripts/CheckNative.java",
                        zip.toString(),
                        "samconfig.toml")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    private Path zip(String name, byte[] content) throws IOException {
        Path file = folder.resolve("function.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return file;
    }

    /** As much of a program as tells its machine and its strings: the header and one section. */
    private static byte[] elf(int machine, String strings) {
        int header = 64;
        ByteBuffer elf = ByteBuffer.allocate(2 * header + strings.length()).order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464c457f).putShort(18, (short) machine);
        elf.putLong(40, header).putShort(58, (short) header).putShort(60, (short) 1);
        elf.putInt(header + 4, 3).putLong(header + 24, 2L * header).putLong(header + 32, strings.length());
        elf.put(2 * header, strings.getBytes(StandardCharsets.ISO_8859_1));
        return elf.array();
    }
}
