package interop;

import java.nio.file.Path;
import java.util.List;
import org.openehealth.ipf.platform.camel.ihe.xds.XdsEndpoint;

/** Drives a running hub with IPF's Camel endpoints and prints a line for each cell. */
public final class Main {
    private interface Transaction {
        void run(Transactions transactions, Transactions.At at) throws Exception;
    }

    private record Row(String name, Transaction transaction, Transactions.At at) {}

    private static final Transactions.At PUBLISHER =
        new Transactions.At("repository", "RXN", "ZZP01");
    private static final Transactions.At GATEWAY =
        new Transactions.At("gateway", "ZZP01", null);
    private static final Transactions.At REGISTRY =
        new Transactions.At("registry", "conformance", "RXN");
    private static final Transactions.At REPOSITORY =
        new Transactions.At("repository", "conformance", "RXN");

    private static final List<Row> ROWS = List.of(
        new Row("ITI-41 at the repository", Transactions::iti41, PUBLISHER),
        new Row("ITI-18 at the gateway", Transactions::iti18, GATEWAY),
        new Row("ITI-43 at the gateway", Transactions::iti43, GATEWAY),
        new Row("ITI-42 at the registry", Transactions::iti42, REGISTRY),
        new Row("ITI-18 at the registry", Transactions::iti18, REGISTRY),
        new Row("ITI-43 at the repository", Transactions::iti43, REPOSITORY));

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Package ipf = XdsEndpoint.class.getPackage();
        System.out.println("version|" + ipf.getImplementationVersion());
        Plan plan = new Plan(Path.of(arguments[1]));
        try (Hub hub = new Hub(Path.of(arguments[0]))) {
            for (String transport : List.of("MTOM", "inline")) {
                Transactions transactions = new Transactions(hub, plan, transport);
                for (Row row : ROWS) {
                    cell(row, transactions, transport);
                }
            }
        }
    }

    private static void cell(Row row, Transactions transactions, String transport) {
        String result = "pass";
        try {
            row.transaction().run(transactions, row.at());
        } catch (Exception | AssertionError error) {
            result = "fail";
            System.err.println("IPF: " + row.name() + ", " + transport + ": " + error);
            for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
                System.err.println("  because of " + cause);
            }
        }
        System.out.println(row.name() + "|" + transport + "|" + result);
    }
}
