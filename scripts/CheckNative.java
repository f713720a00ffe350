/**
 * Refuses a native zip that would not run where samconfig.toml deploys it: usage, java CheckNative.java ZIP SAMCONFIG. The binary
 * must be for the architecture that {@code sam deploy --config-env native} gives the functions, and ask for no newer glibc than
 * Amazon Linux 2023 has, which is the system of the runtime provided.al2023.
 */
static final int GLIBC_MINOR = 34;

static final Map<Integer, String> MACHINES = Map.of(62, "x86_64", 183, "arm64"); // e_machine of the ELF specification

void main(String[] args) throws IOException {
    byte[] binary;
    try (var zip = new ZipFile(args[0])) {
        var bootstrap = zip.getEntry("bootstrap");
        if (bootstrap == null) {
            throw refused(args[0] + " has no bootstrap: it is not the zip of a native build.");
        }
        binary = zip.getInputStream(bootstrap).readAllBytes();
    }
    var elf = ByteBuffer.wrap(binary).order(ByteOrder.LITTLE_ENDIAN);
    if (elf.remaining() < 64 || elf.getInt(0) != 0x464c457f) {
        throw refused("bootstrap is no program for Linux: build on Linux, or with Docker or Podman.");
    }
    String machine = MACHINES.getOrDefault((int) elf.getShort(18), "machine " + elf.getShort(18));
    String deployed = architecture(Files.readString(Path.of(args[1])));
    if (!machine.equals(deployed)) {
        throw refused("""
                The binary is for %s, and %s deploys functions of %s. Build on a machine of %s, or write \
                Architecture=%s below [native.deploy.parameters].""".formatted(machine, args[1], deployed, deployed, machine));
    }
    int minor = glibc(elf);
    if (minor > GLIBC_MINOR) {
        throw refused("""
                The binary asks for glibc 2.%d, and Lambda's provided.al2023 has 2.%d. Build it in a container: without \
                GRAALVM_HOME, with Docker or Podman running.""".formatted(minor, GLIBC_MINOR));
    }
    IO.println("native: %s, glibc 2.%d, %.1f MB".formatted(machine, minor, Files.size(Path.of(args[0])) / 1e6));
}

/** What the configuration for native deployments sets. */
String architecture(String samconfig) {
    var found = Pattern.compile("(?s)\\[native\\.deploy\\.parameters](?:(?!\n\\[).)*?Architecture=(\\w+)").matcher(samconfig);
    if (!found.find()) {
        throw refused("samconfig.toml has no Architecture=… below [native.deploy.parameters].");
    }
    return found.group(1);
}

/** The newest 2.x among the names of glibc's versions, which stand in the table of strings for the dynamic linker. */
int glibc(ByteBuffer elf) {
    long sections = elf.getLong(40);
    int size = elf.getShort(58);
    int count = elf.getShort(60);
    int minor = 0;
    for (int i = 0; i < count; i++) {
        int header = Math.toIntExact(sections) + i * size;
        if (elf.getInt(header + 4) != 3) { // SHT_STRTAB
            continue;
        }
        byte[] strings = new byte[Math.toIntExact(elf.getLong(header + 32))];
        elf.get(Math.toIntExact(elf.getLong(header + 24)), strings);
        var version = Pattern.compile("GLIBC_2\\.(\\d+)").matcher(new String(strings, StandardCharsets.ISO_8859_1));
        while (version.find()) {
            minor = Math.max(minor, Integer.parseInt(version.group(1)));
        }
    }
    return minor;
}

RuntimeException refused(String why) {
    System.err.println(why);
    System.exit(1);
    return new IllegalStateException(why);
}
