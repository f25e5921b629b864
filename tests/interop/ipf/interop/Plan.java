package interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Code;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.LocalizedString;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.SubmissionSet;

/** What is submitted: metadata from submission.json, in IPF's own classes. */
final class Plan {
    private static final SecureRandom RANDOM = new SecureRandom();
    private final JsonNode plan;

    Plan(Path file) throws IOException {
        plan = new ObjectMapper().readTree(file.toFile());
    }

    static String oid() {
        return "2.25." + new BigInteger(120, RANDOM);
    }

    static String sha1(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
    }

    /** 300 KiB that begin as a PDF does: every byte, every line ending, what ends a MIME part elsewhere; never the same. */
    static byte[] content() {
        byte[] different = new byte[16];
        RANDOM.nextBytes(different);
        byte[] ending = ("\r\n--MIMEBoundary\r\n\n\r" + HexFormat.of().formatHex(different))
            .getBytes(StandardCharsets.US_ASCII);
        byte[] start = "%PDF-1.7\n".getBytes(StandardCharsets.US_ASCII);
        byte[] content = new byte[start.length + 256 * 1200 + ending.length];
        System.arraycopy(start, 0, content, 0, start.length);
        for (int n = 0; n < 256 * 1200; n++) {
            content[start.length + n] = (byte) n;
        }
        System.arraycopy(ending, 0, content, start.length + 256 * 1200, ending.length);
        return content;
    }

    private String text(String name) {
        return plan.required(name).textValue();
    }

    private Code code(String attribute) {
        JsonNode code = plan.required("codes").required(attribute);
        LocalizedString display = new LocalizedString(code.required(2).textValue());
        return new Code(code.required(0).textValue(), display, code.required(1).textValue());
    }

    String mimeType() {
        return text("mimeType");
    }

    Identifiable patient() {
        return Identifiable.parse(text("patientId"));
    }

    DocumentEntry documentEntry(String uniqueId) {
        DocumentEntry entry = new DocumentEntry();
        entry.setEntryUuid("Document01");
        entry.setUniqueId(uniqueId);
        entry.setPatientId(patient());
        entry.setSourcePatientId(Identifiable.parse(text("sourcePatientId")));
        entry.setTitle(new LocalizedString(text("title")));
        entry.setMimeType(mimeType());
        entry.setLanguageCode(text("languageCode"));
        entry.setCreationTime(text("creationTime"));
        entry.setAvailabilityStatus(AvailabilityStatus.APPROVED);
        entry.setClassCode(code("classCode"));
        entry.setTypeCode(code("typeCode"));
        entry.getConfidentialityCodes().add(code("confidentialityCode"));
        entry.setFormatCode(code("formatCode"));
        entry.setHealthcareFacilityTypeCode(code("healthcareFacilityTypeCode"));
        entry.setPracticeSettingCode(code("practiceSettingCode"));
        return entry;
    }

    SubmissionSet submissionSet() {
        SubmissionSet set = new SubmissionSet();
        set.setEntryUuid("SubmissionSet01");
        set.setUniqueId(oid());
        set.setPatientId(patient());
        set.setSourceId(text("sourceId"));
        set.setSubmissionTime(text("submissionTime"));
        set.setContentTypeCode(code("classCode"));
        return set;
    }
}
