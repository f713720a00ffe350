/**
 * Makes function.zip a third smaller without changing a class: usage, java StoreJars.java ZIP.
 *
 * <p>A jar compresses each of its files by itself, and the zip around it finds nothing left to compress. Classes of an
 * AWS SDK module resemble each other, so the jars are stored here without compression and the zip compresses each as a
 * whole. Lambda unpacks the zip once; what then lies on its disk may be 250 MB. A native zip holds no jars and stays.
 *
 * <p>Entries come by name and without a time of their own: those of the build would make each build another zip. What still differs are numbers that
 * Quarkus gives to keys, in the order in which its build threads come by ({@code proxykey55} in {@code io/quarkus/runner/recorded}).
 */
static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

void main(String[] args) throws IOException {
    Path zip = Path.of(args[0]);
    Path packed = zip.resolveSibling(zip.getFileName() + ".packed");
    boolean changed = false;
    try (var in = new ZipFile(zip.toFile());
            var out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(packed)))) {
        out.setLevel(Deflater.BEST_COMPRESSION);
        for (var entry : once(in)) {
            byte[] content = in.getInputStream(entry).readAllBytes();
            boolean jar = entry.getName().endsWith(".jar");
            changed |= jar;
            out.putNextEntry(dated(entry));
            out.write(jar ? stored(content) : content);
        }
    }
    if (changed) {
        Files.move(packed, zip, StandardCopyOption.REPLACE_EXISTING);
    } else {
        Files.delete(packed);
    }
}

/** The same jar, none of its files compressed. */
byte[] stored(byte[] jar) throws IOException {
    var bytes = new ByteArrayOutputStream(3 * jar.length);
    Path file = Files.createTempFile("slipway", ".jar");
    Files.write(file, jar);
    try (var in = new ZipFile(file.toFile());
            var out = new ZipOutputStream(bytes)) {
        out.setMethod(ZipOutputStream.STORED);
        for (var entry : once(in)) {
            ZipEntry plain = dated(entry);
            plain.setSize(entry.getSize());
            plain.setCrc(entry.getCrc());
            out.putNextEntry(plain);
            out.write(in.getInputStream(entry).readAllBytes());
        }
    } finally {
        Files.delete(file);
    }
    return bytes.toByteArray();
}

/** By name. Some jars name META-INF/ twice, which a reader overlooks and a writer refuses. */
Collection<ZipEntry> once(ZipFile zip) {
    var entries = new TreeMap<String, ZipEntry>();
    zip.stream().forEach(entry -> entries.putIfAbsent(entry.getName(), new ZipEntry(entry)));
    return entries.values();
}

ZipEntry dated(ZipEntry entry) {
    var dated = new ZipEntry(entry.getName());
    dated.setTimeLocal(NO_TIME);
    return dated;
}
