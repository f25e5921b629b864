package interop;

import jakarta.activation.DataHandler;
import jakarta.mail.util.ByteArrayDataSource;
import jakarta.xml.ws.soap.SOAPFaultException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.xml.namespace.QName;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultExchange;
import org.apache.cxf.binding.soap.SoapFault;
import org.apache.cxf.transport.http.HTTPException;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Document;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.DocumentReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.ProvideAndRegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.QueryRegistry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorCode;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorInfo;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocument;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;
import org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators;

/** Each transaction with what its answers must be. IPF's validators see every answer first. */
final class Transactions {
    private final Hub hub;
    private final Plan plan;
    private final String transport;
    private final String uniqueId = Plan.oid();
    private final byte[] content = Plan.content();
    private String repositoryUniqueId;

    Transactions(Hub hub, Plan plan, String transport) {
        this.hub = hub;
        this.plan = plan;
        this.transport = transport;
    }

    /** Who asks at which service, and who may not. */
    record At(String service, String organisation, String stranger) {}

    interface Call {
        Object run() throws Exception;
    }

    private Hub.Caller caller(At at) {
        return new Hub.Caller(at.service(), at.organisation(), transport);
    }

    private Hub.Caller stranger(At at) {
        return new Hub.Caller(at.service(), at.stranger(), transport);
    }

    void iti41(At at) throws Exception {
        expect("of a submission", publish(caller(at), uniqueId, content), Status.SUCCESS);
        Response other = publish(caller(at), uniqueId, Plan.content());
        expect("of another document", other, Status.FAILURE, ErrorCode.NON_IDENTICAL_HASH);
        expectFault(at, () -> publish(stranger(at), Plan.oid(), content));
    }

    private Response publish(Hub.Caller caller, String id, byte[] bytes) throws Exception {
        DataHandler handler = new DataHandler(new ByteArrayDataSource(bytes, plan.mimeType()));
        Document document = new Document(plan.documentEntry(id), handler);
        var request = ProvideAndRegisterDocumentSet.supportiveBuilderWith(plan.submissionSet())
            .withDocument(document).build();
        Message answer = hub.call("xds-iti41", caller, request);
        validate(answer, XdsCamelValidators.iti41ResponseValidator());
        return answer.getBody(Response.class);
    }

    void iti42(At at) throws Exception {
        String id = Plan.oid();
        expect("of a registration", register(caller(at), id, content), Status.SUCCESS);
        expectHash(found(find(caller(at), true), id), content);
        Response other = register(caller(at), id, Plan.content());
        expect("of another document", other, Status.FAILURE, ErrorCode.NON_IDENTICAL_HASH);
        expectFault(at, () -> register(stranger(at), Plan.oid(), content));
    }

    private Response register(Hub.Caller caller, String id, byte[] bytes) throws Exception {
        DocumentEntry entry = plan.documentEntry(id);
        entry.setHash(Plan.sha1(bytes));
        entry.setSize((long) bytes.length);
        entry.setRepositoryUniqueId(repositoryUniqueId);
        var request = RegisterDocumentSet.supportiveBuilderWith(plan.submissionSet())
            .withDocument(entry).build();
        Message answer = hub.call("xds-iti42", caller, request);
        validate(answer, XdsCamelValidators.iti42ResponseValidator());
        return answer.getBody(Response.class);
    }

    void iti18(At at) throws Exception {
        DocumentEntry entry = found(find(caller(at), true), uniqueId);
        expectHash(entry, content);
        repositoryUniqueId = entry.getRepositoryUniqueId();
        QueryResponse incomplete = find(caller(at), false);
        ErrorCode code = ErrorCode.STORED_QUERY_MISSING_PARAM;
        expect("without a parameter", incomplete, Status.FAILURE, code);
        expectFault(at, () -> find(stranger(at), true));
    }

    private QueryResponse find(Hub.Caller caller, boolean withStatus) throws Exception {
        FindDocumentsQuery query = new FindDocumentsQuery();
        query.setPatientId(plan.patient());
        if (withStatus) {
            query.setStatus(List.of(AvailabilityStatus.APPROVED));
        }
        QueryRegistry request = new QueryRegistry(query);
        request.setReturnType(QueryReturnType.LEAF_CLASS);
        Message answer = hub.call("xds-iti18", caller, request);
        validate(answer, XdsCamelValidators.iti18ResponseValidator());
        return answer.getBody(QueryResponse.class);
    }

    private static DocumentEntry found(QueryResponse response, String id) {
        expect("of a query", response, Status.SUCCESS);
        return response.getDocumentEntries().stream()
            .filter(entry -> id.equals(entry.getUniqueId()))
            .findFirst().orElseThrow(() -> new AssertionError(id + " was not found"));
    }

    void iti43(At at) throws Exception {
        RetrievedDocumentSet known = retrieve(caller(at), uniqueId);
        expect("of a retrieval", known, Status.SUCCESS);
        expectContent(known);
        RetrievedDocumentSet partly = retrieve(caller(at), uniqueId, Plan.oid());
        ErrorCode code = ErrorCode.DOCUMENT_UNIQUE_ID_ERROR;
        expect("with an unknown document", partly, Status.PARTIAL_SUCCESS, code);
        expectContent(partly);
        expectFault(at, () -> retrieve(stranger(at), uniqueId));
    }

    private RetrievedDocumentSet retrieve(Hub.Caller caller, String... ids) throws Exception {
        RetrieveDocumentSet request = new RetrieveDocumentSet();
        for (String id : ids) {
            request.getDocuments().add(new DocumentReference(repositoryUniqueId, id, null));
        }
        Message answer = hub.call("xds-iti43", caller, request);
        validate(answer, XdsCamelValidators.iti43ResponseValidator());
        return answer.getBody(RetrievedDocumentSet.class);
    }

    private void expectContent(RetrievedDocumentSet retrieved) throws Exception {
        List<RetrievedDocument> documents = retrieved.getDocuments();
        if (documents.size() != 1) {
            throw new AssertionError(documents.size() + " documents, not one");
        }
        byte[] bytes = documents.get(0).getDataHandler().getInputStream().readAllBytes();
        if (!Arrays.equals(bytes, content)) {
            throw new AssertionError("the bytes are not those published");
        }
    }

    private static void expectHash(DocumentEntry entry, byte[] bytes) throws Exception {
        if (!Plan.sha1(bytes).equalsIgnoreCase(entry.getHash())) {
            throw new AssertionError("the entry's hash is " + entry.getHash());
        }
    }

    private static void expect(String what, Response response, Status status, ErrorCode... codes) {
        List<ErrorCode> found = response.getErrors().stream().map(ErrorInfo::getErrorCode).toList();
        if (response.getStatus() != status || !Objects.equals(found, List.of(codes))) {
            String both = response.getStatus() + " " + found;
            throw new AssertionError("answer " + what + ": " + both + " " + response.getErrors());
        }
    }

    /**
     * IPF shows a fault as JAX-WS does or as CXF does, by transaction. A caller without a certificate
     * gets HTTP 403, behind which CXF looks for no fault: then the status is the refusal.
     */
    private static void expectFault(At at, Call call) throws Exception {
        try {
            call.run();
        } catch (SOAPFaultException fault) {
            String reason = fault.getFault().getFaultString();
            expectSender(fault.getFault().getFaultCodeAsQName(), reason);
            return;
        } catch (SoapFault fault) {
            expectSender(fault.getFaultCode(), fault.getReason());
            return;
        } catch (Exception error) {
            if (at.stranger() == null && isForbidden(error)) {
                return;
            }
            throw error;
        }
        throw new AssertionError("a wrong caller was not refused by a fault");
    }

    private static boolean isForbidden(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof HTTPException http && http.getResponseCode() == 403) {
                return true;
            }
        }
        return false;
    }

    private static void expectSender(QName code, String reason) {
        if (!code.getLocalPart().equals("Sender") || reason.isBlank()) {
            throw new AssertionError("the fault is " + code + ": " + reason);
        }
    }

    private void validate(Message answer, Processor validator) throws Exception {
        DefaultExchange exchange = new DefaultExchange(hub.camel());
        exchange.getIn().setBody(answer.getBody());
        validator.process(exchange);
    }
}
