// Drives a running hub with node-soap, from the WSDL that the hub serves.

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import soap from "soap";

const [data, planFile] = process.argv.slice(2);
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const PLAN = readJson(planFile);
const ENDPOINTS = readJson(`${data}/endpoints.json`);

const CLASSIFICATIONS = {
  classCode: "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
  typeCode: "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
  confidentialityCode: "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
  formatCode: "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
  healthcareFacilityTypeCode: "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
  practiceSettingCode: "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead",
};
const CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500";
const SUBMISSION_SET = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd";
const STABLE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1";
const ENTRY_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427";
const ENTRY_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab";
const SET_PATIENT = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446";
const SET_SOURCE = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832";
const SET_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8";
const HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember";
const FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d";
const APPROVED = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')";
const XOP = "http://www.w3.org/2004/08/xop/include";
const RESPONSE_STATUS = {
  "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success": "Success",
  "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure": "Failure",
  "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess": "PartialSuccess",
};

const oid = () => `2.25.${BigInt(`0x${randomBytes(15).toString("hex")}`)}`;
const urn = () => `urn:uuid:${randomUUID()}`;
const sha1 = (bytes) => createHash("sha1").update(bytes).digest("hex");
const list = (value) => (value === undefined || value === null ? [] : [value].flat());

/** 300 KiB that begin as a PDF does: every byte, every line ending, what ends a MIME part elsewhere; never the same. */
function content() {
  const everyByte = Buffer.from(Array.from({ length: 256 * 1200 }, (_, n) => n % 256));
  const ending = `\r\n--MIMEBoundary\r\n\n\r${randomBytes(16).toString("hex")}`;
  return Buffer.concat([Buffer.from("%PDF-1.7\n"), everyByte, Buffer.from(ending)]);
}

/** The hub's certificate authority, and the organisation's own certificate if it has one. */
function credentials(organisation) {
  const file = (path) => readFileSync(`${data}/pki/${path}`);
  const own = organisation && {
    cert: file(`clients/${organisation}.pem`),
    key: file(`clients/${organisation}.key`),
  };
  return { ca: file("ca.pem"), ...own };
}

/** Calls operations of a service as an organisation, packed as the transport says. */
async function connect(service, organisation, transport) {
  const tls = credentials(organisation);
  const client = await soap.createClientAsync(`${ENDPOINTS[service]}?wsdl`, {
    forceSoap12Headers: true,
    parseResponseAttachments: true,
    wsdl_options: { httpsAgent: new Agent(tls) },
  });
  client.setSecurity(new soap.ClientSSLSecurity(tls.key, tls.cert, tls.ca));
  return async (operation, body, documents = []) => {
    address(client, ENDPOINTS[service], operation);
    const attachments = documents.map(({ id, bytes }) => ({
      mimetype: PLAN.mimeType,
      contentId: id,
      name: id,
      body: bytes,
    }));
    const mtom = transport === "MTOM" ? { forceMTOM: true, attachments } : {};
    const answer = await call(client, operation, body, mtom);
    expectTransport(client.lastResponseHeaders["content-type"], transport);
    return answer;
  };
}

/** The hub packs an answer as its request was packed. */
function expectTransport(contentType, transport) {
  const expected = transport === "MTOM" ? "multipart/related" : "application/soap+xml";
  if (!contentType.startsWith(expected)) {
    throw new Error(`the answer's Content-Type is ${contentType}`);
  }
}

function call(client, operation, body, options) {
  return new Promise((resolve, reject) => {
    client[operation](
      body,
      (error, result, _raw, _headers, _request, attachments) => {
        if (error) reject(error);
        else resolve({ ...result, parts: attachments?.parts ?? [] });
      },
      options,
    );
  });
}

/** The WS-Addressing headers, which node-soap leaves to its caller. */
function address(client, to, operation) {
  const action = `urn:ihe:iti:2007:${operation.split("_").at(-1)}`;
  const anonymous = "http://www.w3.org/2005/08/addressing/anonymous";
  client.clearSoapHeaders();
  client.addSoapHeader(
    `<wsa:Action xmlns:wsa="http://www.w3.org/2005/08/addressing" soap:mustUnderstand="1">${action}</wsa:Action>` +
      `<wsa:MessageID xmlns:wsa="http://www.w3.org/2005/08/addressing">${urn()}</wsa:MessageID>` +
      `<wsa:ReplyTo xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>${anonymous}</wsa:Address></wsa:ReplyTo>` +
      `<wsa:To xmlns:wsa="http://www.w3.org/2005/08/addressing">${to}</wsa:To>`,
  );
}

const slot = (name, value) => ({ attributes: { name }, ValueList: { Value: [value] } });
const named = (value) => ({ LocalizedString: [{ attributes: { value } }] });

const classification = (owner, scheme, [code, codingScheme, display]) => ({
  attributes: {
    id: urn(),
    classifiedObject: owner,
    classificationScheme: scheme,
    nodeRepresentation: code,
  },
  Slot: [slot("codingScheme", codingScheme)],
  Name: named(display),
});

const identifier = (owner, identificationScheme, label, value) => ({
  attributes: { id: urn(), registryObject: owner, identificationScheme, value },
  Name: named(label),
});

const documentEntry = (uniqueId, moreSlots) => ({
  attributes: { id: "Document01", mimeType: PLAN.mimeType, objectType: STABLE },
  Slot: [
    slot("creationTime", PLAN.creationTime),
    slot("languageCode", PLAN.languageCode),
    slot("sourcePatientId", PLAN.sourcePatientId),
    ...moreSlots,
  ],
  Name: named(PLAN.title),
  Classification: Object.entries(PLAN.codes).map(([attribute, code]) =>
    classification("Document01", CLASSIFICATIONS[attribute], code),
  ),
  ExternalIdentifier: [
    identifier("Document01", ENTRY_PATIENT, "XDSDocumentEntry.patientId", PLAN.patientId),
    identifier("Document01", ENTRY_UNIQUE_ID, "XDSDocumentEntry.uniqueId", uniqueId),
  ],
});

function submissionSet() {
  const owner = "SubmissionSet01";
  return {
    attributes: { id: owner },
    Slot: [slot("submissionTime", PLAN.submissionTime)],
    Classification: [
      classification(owner, CONTENT_TYPE, PLAN.codes.classCode),
      { attributes: { id: urn(), classifiedObject: owner, classificationNode: SUBMISSION_SET } },
    ],
    ExternalIdentifier: [
      identifier(owner, SET_PATIENT, "XDSSubmissionSet.patientId", PLAN.patientId),
      identifier(owner, SET_SOURCE, "XDSSubmissionSet.sourceId", PLAN.sourceId),
      identifier(owner, SET_UNIQUE_ID, "XDSSubmissionSet.uniqueId", oid()),
    ],
  };
}

const submission = (uniqueId, ...moreSlots) => ({
  RegistryObjectList: {
    ExtrinsicObject: [documentEntry(uniqueId, moreSlots)],
    RegistryPackage: [submissionSet()],
    Association: [
      {
        attributes: {
          id: "HasMember01",
          associationType: HAS_MEMBER,
          sourceObject: "SubmissionSet01",
          targetObject: "Document01",
        },
        Slot: [slot("SubmissionSetStatus", "Original")],
      },
    ],
  },
});

function expect(what, found, wanted) {
  if (!isDeepStrictEqual(found, wanted)) {
    throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
}

/** Status, and the codes of the errors, as node-soap shows them. */
function expectResponse(what, response, status, ...codes) {
  expect(`status ${what}`, RESPONSE_STATUS[response.attributes.status], status);
  const errors = list(response.RegistryErrorList?.RegistryError);
  expect(`errors ${what}`, errors.map((error) => error.attributes.errorCode), codes);
}

async function expectFault(calling) {
  const answer = await calling.then(() => null, (error) => error);
  if (!answer) throw new Error("a wrong caller was not refused by a fault");
  const fault = answer.root?.Envelope?.Body?.Fault;
  if (!fault) throw answer;
  expect("the fault's code", fault.Code.Value.split(":").at(-1), "Sender");
  if (!fault.Reason?.Text) throw new Error("the fault gives no reason");
}

function publish(repository, at, transport, uniqueId, bytes) {
  const id = "Document01";
  const cid = `${randomUUID()}@interop`;
  const include = { $xml: `<xop:Include xmlns:xop="${XOP}" href="cid:${cid}"/>` };
  const inline = { $value: bytes.toString("base64") };
  return repository(
    `${at.prefix}ProvideAndRegisterDocumentSet-b`,
    {
      SubmitObjectsRequest: submission(uniqueId),
      Document: [{ attributes: { id }, ...(transport === "MTOM" ? include : inline) }],
    },
    [{ id: cid, bytes }],
  );
}

async function iti41(transport, at, own) {
  const repository = await connect(at.service, at.caller, transport);
  const first = await publish(repository, at, transport, own.uniqueId, own.bytes);
  expectResponse("of a submission", first, "Success");
  const other = await publish(repository, at, transport, own.uniqueId, content());
  expectResponse("of another document", other, "Failure", "XDSNonIdenticalHash");
  const stranger = await connect(at.service, at.stranger, transport);
  await expectFault(publish(stranger, at, transport, oid(), content()));
}

function find(service, at, withStatus = true) {
  const slots = [slot("$XDSDocumentEntryPatientId", `'${PLAN.patientId}'`)];
  if (withStatus) slots.push(slot("$XDSDocumentEntryStatus", APPROVED));
  return service(`${at.prefix}RegistryStoredQuery`, {
    ResponseOption: { attributes: { returnComposedObjects: true, returnType: "LeafClass" } },
    AdhocQuery: { attributes: { id: FIND_DOCUMENTS }, Slot: slots },
  });
}

/** The entry with this uniqueId: the values of its slots by name. */
function foundSlots(response, uniqueId) {
  expectResponse("of a query", response, "Success");
  const entries = list(response.RegistryObjectList?.ExtrinsicObject);
  const entry = entries.find((entry) =>
    list(entry.ExternalIdentifier).some(({ attributes }) => attributes.value === uniqueId),
  );
  if (!entry) throw new Error(`${uniqueId} was not found`);
  const slots = list(entry.Slot);
  return Object.fromEntries(slots.map((s) => [s.attributes.name, list(s.ValueList.Value)[0]]));
}

async function iti18(transport, at, own) {
  const service = await connect(at.service, at.caller, transport);
  const found = foundSlots(await find(service, at), own.uniqueId);
  expect("hash", found.hash, sha1(own.bytes));
  own.repositoryUniqueId = found.repositoryUniqueId;
  const incomplete = await find(service, at, false);
  expectResponse("without a parameter", incomplete, "Failure", "XDSStoredQueryMissingParam");
  await expectFault(find(await connect(at.service, at.stranger, transport), at));
}

const register = (registry, at, own, uniqueId, bytes) =>
  registry(
    `${at.prefix}RegisterDocumentSet-b`,
    submission(
      uniqueId,
      slot("hash", sha1(bytes)),
      slot("size", String(bytes.length)),
      slot("repositoryUniqueId", own.repositoryUniqueId),
    ),
  );

async function iti42(transport, at, own) {
  const registry = await connect(at.service, at.caller, transport);
  const uniqueId = oid();
  const bytes = content();
  const first = await register(registry, at, own, uniqueId, bytes);
  expectResponse("of a registration", first, "Success");
  expect("hash", foundSlots(await find(registry, at), uniqueId).hash, sha1(bytes));
  const other = await register(registry, at, own, uniqueId, content());
  expectResponse("of another document", other, "Failure", "XDSNonIdenticalHash");
  const stranger = await connect(at.service, at.stranger, transport);
  await expectFault(register(stranger, at, own, oid(), bytes));
}

const retrieve = (service, at, own, ...uniqueIds) =>
  service(`${at.prefix}RetrieveDocumentSet`, {
    DocumentRequest: uniqueIds.map((uniqueId) => ({
      RepositoryUniqueId: own.repositoryUniqueId,
      DocumentUniqueId: uniqueId,
    })),
  });

/** The documents of an answer: the attachments that it points to, or their base64. */
function documentsOf(answer, transport) {
  return list(answer.DocumentResponse).map(({ Document }) => {
    if (transport !== "MTOM") return Buffer.from(Document, "base64");
    const cid = decodeURIComponent(Document.Include.attributes.href.replace("cid:", ""));
    return answer.parts.find((part) => part.headers["content-id"] === `<${cid}>`).body;
  });
}

async function iti43(transport, at, own) {
  const service = await connect(at.service, at.caller, transport);
  const known = await retrieve(service, at, own, own.uniqueId);
  expectResponse("of a retrieval", known.RegistryResponse, "Success");
  const partly = await retrieve(service, at, own, own.uniqueId, oid());
  const code = "XDSDocumentUniqueIdError";
  expectResponse("with an unknown one", partly.RegistryResponse, "PartialSuccess", code);
  for (const answer of [known, partly]) {
    const documents = documentsOf(answer, transport);
    expect("number of documents", documents.length, 1);
    if (!documents[0].equals(own.bytes)) throw new Error("the bytes are not those published");
  }
  const stranger = await connect(at.service, at.stranger, transport);
  await expectFault(retrieve(stranger, at, own, own.uniqueId));
}

const GATEWAY = { service: "gateway", prefix: "", caller: "ZZP01", stranger: null };
const REGISTRY = {
  service: "registry",
  prefix: "DocumentRegistry_",
  caller: "conformance",
  stranger: "RXN",
};
const REPOSITORY = { service: "repository", prefix: "DocumentRepository_" };
const ROWS = [
  ["ITI-41 at the repository", iti41, { ...REPOSITORY, caller: "RXN", stranger: "ZZP01" }],
  ["ITI-18 at the gateway", iti18, GATEWAY],
  ["ITI-43 at the gateway", iti43, GATEWAY],
  ["ITI-42 at the registry", iti42, REGISTRY],
  ["ITI-18 at the registry", iti18, REGISTRY],
  ["ITI-43 at the repository", iti43, { ...REPOSITORY, caller: "conformance", stranger: "RXN" }],
];

async function cell(row, run, at, transport, own) {
  try {
    await run(transport, at, own);
    console.log(`${row}|${transport}|pass`);
  } catch (error) {
    console.error(`node-soap: ${row}, ${transport}: ${error.stack.split("\n").slice(0, 2).join("")}`);
    console.log(`${row}|${transport}|fail`);
  }
}

console.log(`version|${createRequire(import.meta.url)("soap/package.json").version}`);
for (const transport of ["MTOM", "inline"]) {
  const own = { uniqueId: oid(), bytes: content() };
  for (const [row, run, at] of ROWS) await cell(row, run, at, transport, own);
}
