"""Drives a running hub with zeep, from the WSDL that the hub serves."""

import collections
import hashlib
import json
import pathlib
import sys
import traceback
import uuid

import requests
import zeep
from zeep.exceptions import Fault
from zeep.transports import Transport

DATA = pathlib.Path(sys.argv[1])
PLAN = json.loads(pathlib.Path(sys.argv[2]).read_text())
ENDPOINTS = json.loads((DATA / "endpoints.json").read_text())

CLASSIFICATIONS = {
    "classCode": "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
    "typeCode": "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
    "confidentialityCode": "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
    "formatCode": "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
    "healthcareFacilityTypeCode": "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
    "practiceSettingCode": "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead",
}
CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SUBMISSION_SET = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
STABLE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
ENTRY_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
ENTRY_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
SET_PATIENT = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_SOURCE = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SET_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
APPROVED = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"
RESPONSE_STATUS = {
    "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success": "Success",
    "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure": "Failure",
    "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess": "PartialSuccess",
}


def oid():
    return f"2.25.{uuid.uuid4().int}"


def content():
    """300 KiB that begin as a PDF does: every byte, every line ending, what ends a MIME part elsewhere; never the same."""
    return b"%PDF-1.7\n" + bytes(range(256)) * 1200 + b"\r\n--MIMEBoundary\r\n\n\r" + uuid.uuid4().hex.encode()


def connect(service, organisation):
    session = requests.Session()
    session.trust_env = False  # a bundle of CAs in the environment would win over `verify`
    session.verify = str(DATA / "pki/ca.pem")
    if organisation:
        clients = DATA / "pki/clients"
        session.cert = (str(clients / f"{organisation}.pem"), str(clients / f"{organisation}.key"))
    transport = Transport(session=session)
    return zeep.Client(f"{ENDPOINTS[service]}?wsdl", transport=transport).service


def slot(name, *values):
    return {"name": name, "ValueList": {"Value": list(values)}}


def name(text):
    return {"LocalizedString": [{"value": text}]}


def classification(owner, scheme, code):
    value, coding_scheme, display = code
    return {
        "id": f"urn:uuid:{uuid.uuid4()}",
        "classifiedObject": owner,
        "classificationScheme": scheme,
        "nodeRepresentation": value,
        "Slot": [slot("codingScheme", coding_scheme)],
        "Name": name(display),
    }


def identifier(owner, scheme, label, value):
    return {
        "id": f"urn:uuid:{uuid.uuid4()}",
        "registryObject": owner,
        "identificationScheme": scheme,
        "value": value,
        "Name": name(label),
    }


def document_entry(unique_id, more_slots):
    codes = PLAN["codes"].items()
    return {
        "id": "Document01",
        "mimeType": PLAN["mimeType"],
        "objectType": STABLE,
        "Slot": [
            slot("creationTime", PLAN["creationTime"]),
            slot("languageCode", PLAN["languageCode"]),
            slot("sourcePatientId", PLAN["sourcePatientId"]),
            *more_slots,
        ],
        "Name": name(PLAN["title"]),
        "Classification": [
            classification("Document01", CLASSIFICATIONS[attribute], code)
            for attribute, code in codes
        ],
        "ExternalIdentifier": [
            identifier(
                "Document01", ENTRY_PATIENT, "XDSDocumentEntry.patientId", PLAN["patientId"]
            ),
            identifier("Document01", ENTRY_UNIQUE_ID, "XDSDocumentEntry.uniqueId", unique_id),
        ],
    }


def submission_set():
    owner = "SubmissionSet01"
    mark = {
        "id": "mark",
        "classifiedObject": owner,
        "classificationNode": SUBMISSION_SET,
    }
    return {
        "id": owner,
        "Slot": [slot("submissionTime", PLAN["submissionTime"])],
        "Classification": [
            classification(owner, CONTENT_TYPE, PLAN["codes"]["classCode"]),
            mark,
        ],
        "ExternalIdentifier": [
            identifier(owner, SET_PATIENT, "XDSSubmissionSet.patientId", PLAN["patientId"]),
            identifier(owner, SET_SOURCE, "XDSSubmissionSet.sourceId", PLAN["sourceId"]),
            identifier(owner, SET_UNIQUE_ID, "XDSSubmissionSet.uniqueId", oid()),
        ],
    }


def submission(unique_id, *more_slots):
    has_member = {
        "id": "HasMember01",
        "associationType": HAS_MEMBER,
        "sourceObject": "SubmissionSet01",
        "targetObject": "Document01",
        "Slot": [slot("SubmissionSetStatus", "Original")],
    }
    return {
        "_value_1": [
            {"ExtrinsicObject": document_entry(unique_id, more_slots)},
            {"RegistryPackage": submission_set()},
            {"Association": has_member},
        ]
    }


def expect(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")


def expect_response(what, response, status, *codes):
    """Status, and the codes of the errors, as zeep shows them."""
    expect(f"status {what}", RESPONSE_STATUS[response.status], status)
    listed = response.RegistryErrorList
    errors = listed.RegistryError if listed else []
    expect(f"errors {what}", [error.errorCode for error in errors], list(codes))


def expect_fault(call):
    try:
        call()
    except Fault as fault:
        expect("the fault's code", fault.code.rsplit(":", 1)[-1], "Sender")
        if not fault.message:
            raise AssertionError("the fault gives no reason") from fault
    else:
        raise AssertionError("a wrong caller was not refused by a fault")


def publish(service, unique_id, document):
    return service["DocumentRepository_ProvideAndRegisterDocumentSet-b"](
        SubmitObjectsRequest={"RegistryObjectList": submission(unique_id)},
        Document=[{"id": "Document01", "_value_1": document}],
    )


def iti41(at, own):
    repository = connect(at.service, at.caller)
    expect_response("of a submission", publish(repository, own.unique_id, own.document), "Success")
    other = publish(repository, own.unique_id, content())
    expect_response("of another document", other, "Failure", "XDSNonIdenticalHash")
    stranger = connect(at.service, at.stranger)
    expect_fault(lambda: publish(stranger, oid(), content()))


def register(service, own, unique_id, document):
    return service["DocumentRegistry_RegisterDocumentSet-b"](
        RegistryObjectList=submission(
            unique_id,
            slot("hash", hashlib.sha1(document).hexdigest()),
            slot("size", str(len(document))),
            slot("repositoryUniqueId", own.repository_unique_id),
        )
    )


def iti42(at, own):
    registry = connect(at.service, at.caller)
    unique_id, document = oid(), content()
    expect_response("of a registration", register(registry, own, unique_id, document), "Success")
    expect_hash(found_entry(find(registry, at), unique_id), document)
    other = register(registry, own, unique_id, content())
    expect_response("of another document", other, "Failure", "XDSNonIdenticalHash")
    stranger = connect(at.service, at.stranger)
    expect_fault(lambda: register(stranger, own, oid(), document))


def find(service, at, with_status=True):
    slots = [slot("$XDSDocumentEntryPatientId", f"'{PLAN['patientId']}'")]
    if with_status:
        slots.append(slot("$XDSDocumentEntryStatus", APPROVED))
    return service[f"{at.prefix}RegistryStoredQuery"](
        ResponseOption={"returnComposedObjects": True, "returnType": "LeafClass"},
        AdhocQuery={"id": FIND_DOCUMENTS, "Slot": slots},
    )


def found_entry(response, unique_id):
    expect_response("of a query", response, "Success")
    for found in response.RegistryObjectList._value_1:
        entry = found.get("ExtrinsicObject")
        identifiers = entry.ExternalIdentifier if entry else []
        if any(i.value == unique_id for i in identifiers):
            return entry
    raise AssertionError(f"{unique_id} was not found")


def slot_of(entry, wanted):
    return next(s.ValueList.Value[0] for s in entry.Slot if s.name == wanted)


def expect_hash(entry, document):
    expect("hash", slot_of(entry, "hash").lower(), hashlib.sha1(document).hexdigest())


def iti18(at, own):
    service = connect(at.service, at.caller)
    entry = found_entry(find(service, at), own.unique_id)
    expect_hash(entry, own.document)
    own.repository_unique_id = slot_of(entry, "repositoryUniqueId")
    incomplete = find(service, at, with_status=False)
    expect_response("without a parameter", incomplete, "Failure", "XDSStoredQueryMissingParam")
    stranger = connect(at.service, at.stranger)
    expect_fault(lambda: find(stranger, at))


def retrieve(service, at, own, *unique_ids):
    wanted = [
        {"RepositoryUniqueId": own.repository_unique_id, "DocumentUniqueId": unique_id}
        for unique_id in unique_ids
    ]
    return service[f"{at.prefix}RetrieveDocumentSet"](DocumentRequest=wanted)


def iti43(at, own):
    service = connect(at.service, at.caller)
    known = retrieve(service, at, own, own.unique_id)
    expect_response("of a retrieval", known.RegistryResponse, "Success")
    partly = retrieve(service, at, own, own.unique_id, oid())
    code = "XDSDocumentUniqueIdError"
    expect_response("with an unknown one", partly.RegistryResponse, "PartialSuccess", code)
    for answer in (known, partly):
        if [d.Document for d in answer.DocumentResponse] != [own.document]:
            raise AssertionError("the bytes are not those published")
    stranger = connect(at.service, at.stranger)
    expect_fault(lambda: retrieve(stranger, at, own, own.unique_id))


class Own:
    """The document that this run publishes, and where it was put."""

    def __init__(self):
        self.unique_id = oid()
        self.document = content()
        self.repository_unique_id = None


At = collections.namedtuple("At", "service prefix caller stranger")
REGISTRY = At("registry", "DocumentRegistry_", "conformance", "RXN")
GATEWAY = At("gateway", "", "ZZP01", None)
REPOSITORY = "DocumentRepository_"
ROWS = [
    ("ITI-41 at the repository", iti41, At("repository", REPOSITORY, "RXN", "ZZP01")),
    ("ITI-18 at the gateway", iti18, GATEWAY),
    ("ITI-43 at the gateway", iti43, GATEWAY),
    ("ITI-42 at the registry", iti42, REGISTRY),
    ("ITI-18 at the registry", iti18, REGISTRY),
    ("ITI-43 at the repository", iti43, At("repository", REPOSITORY, "conformance", "RXN")),
]


def cell(row, transaction, at, own):
    try:
        transaction(at, own)
        return "pass"
    except Exception as error:  # one cell's failure must not hide the next
        where = traceback.extract_tb(error.__traceback__)[-1]
        print(f"zeep: {row}, inline: {error!r} at {where.name}:{where.lineno}", file=sys.stderr)
        return "fail"


def main():
    print(f"version|{zeep.__version__}")
    own = Own()
    for row, transaction, at in ROWS:
        print(f"{row}|inline|{cell(row, transaction, at, own)}", flush=True)
        print(f"{row}|MTOM|not offered by the client")


main()
