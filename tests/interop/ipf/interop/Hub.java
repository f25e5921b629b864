package interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.cxf.transport.http.HTTPConduit;
import org.openehealth.ipf.platform.camel.ihe.ws.AbstractWsEndpoint;

/** A running hub, called through IPF's Camel endpoints with an organisation's certificate. */
final class Hub implements AutoCloseable {
    private final Path data;
    private final JsonNode endpoints;
    private final CamelContext camel = new DefaultCamelContext();
    private final ProducerTemplate template;

    Hub(Path data) throws Exception {
        this.data = data;
        endpoints = new ObjectMapper().readTree(data.resolve("endpoints.json").toFile());
        for (String transport : List.of("MTOM", "inline")) {
            camel.getRegistry().bind(transport, properties(transport));
        }
        camel.start();
        template = camel.createProducerTemplate();
    }

    /** CXF reads a SOAP 1.2 fault that comes with HTTP 400, as the binding has it, when told to. */
    private static Map<String, Object> properties(String transport) {
        return Map.of(
            org.apache.cxf.message.Message.MTOM_ENABLED, transport.equals("MTOM"),
            HTTPConduit.PROCESS_FAULT_ON_HTTP_400, true);
    }

    /** Where and as whom: an organisation of null has no certificate. */
    record Caller(String service, String organisation, String transport) {}

    /** The answer to a request; a SOAP fault is thrown as IPF's SOAPFaultException. */
    Message call(String component, Caller caller, Object request) throws Exception {
        String tls = "tls-" + caller.organisation();
        if (camel.getRegistry().lookupByName(tls) == null) {
            camel.getRegistry().bind(tls, tls(caller.organisation()));
        }
        String address = endpoints.required(caller.service()).textValue();
        String uri = component + "://" + address.substring("https://".length())
            + "?audit=false&secure=true&sslContextParameters=#" + tls + "&properties=#" + caller.transport();
        Exchange exchange = camel.getEndpoint(uri).createExchange(ExchangePattern.InOut);
        exchange.getIn().setBody(request);
        template.send(uri, exchange);
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
        expectTransport(exchange.getMessage(), caller.transport());
        return exchange.getMessage();
    }

    /** The hub packs an answer as its request was packed. */
    private static void expectTransport(Message answer, String transport) {
        Map<?, ?> headers =
            answer.getHeader(AbstractWsEndpoint.INCOMING_HTTP_HEADERS, Map.class);
        String type = headers.entrySet().stream()
            .filter(header -> "content-type".equalsIgnoreCase(String.valueOf(header.getKey())))
            .map(header -> String.valueOf(header.getValue()))
            .findFirst().orElse("");
        String expected = transport.equals("MTOM") ? "multipart/related" : "application/soap+xml";
        if (!type.startsWith(expected)) {
            throw new AssertionError("the answer's Content-Type is " + type);
        }
    }

    CamelContext camel() {
        return camel;
    }

    private SSLContextParameters tls(String organisation) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        KeyStore authorities = emptyStore();
        authorities.setCertificateEntry("ca", certificate(data.resolve("pki/ca.pem")));
        trust.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManager[] own = organisation == null ? null : keys(organisation);
        context.init(own, trust.getTrustManagers(), null);
        return new SSLContextParameters() {
            @Override
            public SSLContext createSSLContext(CamelContext camel) {
                return context;
            }
        };
    }

    private KeyManager[] keys(String organisation) throws Exception {
        Path clients = data.resolve("pki/clients");
        String pem = Files.readString(clients.resolve(organisation + ".key"));
        byte[] key = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        Certificate[] chain = {certificate(clients.resolve(organisation + ".pem"))};
        KeyStore store = emptyStore();
        var secret = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key));
        store.setKeyEntry(organisation, secret, new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        return keys.getKeyManagers();
    }

    private static KeyStore emptyStore() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Certificate certificate(Path file) throws Exception {
        try (var stream = new ByteArrayInputStream(Files.readAllBytes(file))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(stream);
        } catch (GeneralSecurityException error) {
            throw new GeneralSecurityException(file + ": " + error.getMessage(), error);
        }
    }

    @Override
    public void close() throws Exception {
        camel.close();
    }
}
