/**
 * Makes function.zip a third smaller without changing a class: usage, java StoreJars.java ZIP.
 *
 * <p>A jar compresses each of its files by itself, and the zip around it finds nothing left to compress. Classes of an
 * AWS SDK module resemble each other, so the jars are stored here without compression and the zip compresses each as a
 * whole. Lambda unpacks the zip once; what then lies on its disk may be 250 MB. A native zip holds no jars and stays.
 *
 * <p>Entries come by name and without a time of their own: those of the build would make each build another zip. Quarkus names what its
 * start-up steps hand to each other by numbers, in the order in which its build threads come by ({@code proxykey55} in {@code
 * io/quarkus/runner/recorded}); here they are numbered in the order of the classes.
 */
static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

void main(String[] args) throws IOException {
    Path zip = Path.of(args[0]);
    Path packed = zip.resolveSibling(zip.getFileName() + ".packed");
    boolean changed = false;
    try (var in = new ZipFile(zip.toFile());
            var out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(packed)))) {
        out.setLevel(Deflater.BEST_COMPRESSION);
        var keys = new HashMap<String, String>();
        for (var entry : once(in)) {
            byte[] content = in.getInputStream(entry).readAllBytes();
            boolean jar = entry.getName().endsWith(".jar");
            changed |= jar;
            out.putNextEntry(dated(entry));
            out.write(jar ? stored(content, keys) : renumbered(entry, content, keys));
        }
    }
    if (changed) {
        Files.move(packed, zip, StandardCopyOption.REPLACE_EXISTING);
    } else {
        Files.delete(packed);
    }
}

/** The same jar, none of its files compressed. */
byte[] stored(byte[] jar, Map<String, String> keys) throws IOException {
    var bytes = new ByteArrayOutputStream(3 * jar.length);
    Path file = Files.createTempFile("slipway", ".jar");
    Files.write(file, jar);
    try (var in = new ZipFile(file.toFile());
            var out = new ZipOutputStream(bytes)) {
        out.setMethod(ZipOutputStream.STORED);
        for (var entry : once(in)) {
            byte[] content = renumbered(entry, in.getInputStream(entry).readAllBytes(), keys);
            var sum = new CRC32();
            sum.update(content);
            ZipEntry plain = dated(entry);
            plain.setSize(content.length);
            plain.setCrc(sum.getValue());
            out.putNextEntry(plain);
            out.write(content);
        }
    } finally {
        Files.delete(file);
    }
    return bytes.toByteArray();
}

/**
 * The same class with other names for keys, the next number for each that no class before has had. Nothing else in a class knows where
 * a constant begins or how long it is: https://docs.oracle.com/javase/specs/jvms/se25/html/jvms-4.html#jvms-4.4
 */
byte[] renumbered(ZipEntry entry, byte[] content, Map<String, String> keys) throws IOException {
    if (!entry.getName().startsWith("io/quarkus/runner/") || !entry.getName().endsWith(".class")) {
        return content;
    }
    var bytes = new ByteArrayOutputStream(content.length);
    try (var in = new DataInputStream(new ByteArrayInputStream(content));
            var out = new DataOutputStream(bytes)) {
        out.write(in.readNBytes(8));
        int count = in.readUnsignedShort();
        out.writeShort(count);
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            out.writeByte(tag);
            switch (tag) {
                case 1 -> {
                    String text = in.readUTF();
                    out.writeUTF(
                            text.matches("proxykey[0-9]+")
                                    ? keys.computeIfAbsent(text, _ -> "proxykey" + (keys.size() + 1))
                                    : text);
                }
                case 3, 4, 9, 10, 11, 12, 17, 18 -> out.write(in.readNBytes(4));
                case 5, 6 -> {
                    out.write(in.readNBytes(8));
                    i++; // a long or a double counts twice
                }
                case 7, 8, 16, 19, 20 -> out.write(in.readNBytes(2));
                case 15 -> out.write(in.readNBytes(3));
                default -> throw new IOException("a constant of an unknown kind: " + tag);
            }
        }
        in.transferTo(out);
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
