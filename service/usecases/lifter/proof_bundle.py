"""Writing the proof of a prescription into one file, which can be checked without this Spotter."""

from __future__ import annotations

from service.domain.errors import NotFound, SpotterError
from service.domain.identifiers import LifterRef
from service.domain.prescription import PrescriptionId
from service.engine.verify.check_bundle import check
from service.engine.verify.proof_bundle import read, write
from service.usecases.lifter.explain import derivation
from service.usecases.lifter.export import line_of, pinned
from service.usecases.services import Services


class NoProof(SpotterError):
    """What is stored does not hold, so there is no proof to be had of it."""


def proof_bundle(services: Services, lifter: LifterRef, prescription_id: str) -> list[bytes]:
    """The lines of a prescription's proof bundle; the same prescription always gives the same bytes.

    It is checked before anybody gets it: `NoProof` where it does not hold. Raises `NotFound` as `derivation` does, and
    `BundleUnreadable` for what would be larger than a bundle may be.
    """
    document = derivation(services, lifter, prescription_id)
    asked = PrescriptionId.decode(prescription_id)
    stored = [entry for page in services.log_transfers.pages(lifter, asked.version) for entry in page]
    rule_sets = {}
    for digest in {asked.digest, *pinned(stored)}:
        files = services.archive.get(digest)
        if files is None:
            raise NotFound(f"the rule set {digest} is not in the archive")
        rule_sets[digest] = files
    entries = [line_of(version, entry) for version, entry in enumerate(stored, 1)]
    origins = services.log_transfers.origins(lifter)
    lines = list(write(entries, rule_sets, services.rule_sets.get(asked.digest).edition, document, origins))
    for part, _, flaws, _ in check(read(lines)):
        for line, message in flaws:
            raise NoProof(
                f"what is stored of {lifter.lifter!r} does not hold, so it proves nothing ({part}, line {line} of the "
                f"bundle: {message}); `spotter verify --lifter {lifter.lifter}` says more"
            )
    return lines
