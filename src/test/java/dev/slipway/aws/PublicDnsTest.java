package dev.slipway.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Against a name server on the loopback interface that knows one answer. RFC 1035, section 4. */
class PublicDnsTest {
    private static final int NAME_ERROR = 3;

    private static Optional<Set<String>> asked(int code, List<String> servers) throws Exception {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            socket.setSoTimeout(10_000);
            Thread server = Thread.ofPlatform().daemon().start(() -> answer(socket, code, servers));
            Optional<Set<String>> found =
                    new PublicDns("dns://127.0.0.1:" + socket.getLocalPort()).nameServers("dev.example.com");
            server.join();
            return found;
        }
    }

    private static void answer(DatagramSocket socket, int code, List<String> servers) {
        DatagramPacket question = new DatagramPacket(new byte[512], 512);
        try {
            socket.receive(question);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            answer.write(question.getData(), 0, question.getLength());
            for (String server : servers) {
                answer.writeBytes(
                        new byte[] {(byte) 0xC0, 12, 0, 2, 0, 1, 0, 0, 0, 60}); // the name asked for, NS, IN, 60 s
                ByteArrayOutputStream name = new ByteArrayOutputStream();
                for (String label : server.split("\\.")) {
                    name.write(label.length());
                    name.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
                }
                name.write(0);
                answer.write(0);
                answer.write(name.size());
                answer.writeBytes(name.toByteArray());
            }
            byte[] bytes = answer.toByteArray();
            bytes[2] |= (byte) 0x80; // an answer
            bytes[3] = (byte) (0x80 | code); // to whom recursion is available
            bytes[7] = (byte) servers.size();
            bytes[11] = 0; // no additional records
            socket.send(new DatagramPacket(bytes, bytes.length, question.getSocketAddress()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theNameServersOfAZoneAreRead() throws Exception {
        assertThat(asked(0, List.of("NS-1.awsdns-01.com", "ns-2.awsdns-02.net")))
                .contains(Set.of("ns-1.awsdns-01.com", "ns-2.awsdns-02.net"));
    }

    @Test
    void aZoneThatNobodyAnswersForHasNone() throws Exception {
        assertThat(asked(NAME_ERROR, List.of())).contains(Set.of());
        assertThat(asked(0, List.of())).contains(Set.of());
    }

    @Test
    void whereTheDnsCannotBeAskedNothingIsKnown() throws IOException {
        int closed;
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        assertThat(new PublicDns("dns://127.0.0.1:" + closed).nameServers("example.com"))
                .isEmpty();
    }
}
