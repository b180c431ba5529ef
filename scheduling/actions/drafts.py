"""A site's own regimen: written, reviewed, rehearsed, signed by two who did not write it, and so published."""

from __future__ import annotations

from dataclasses import dataclass

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.audit.frozen import Publishable, row_of
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import catalog
from scheduling.core import governance
from scheduling.core.difference import Difference, difference
from scheduling.core.governance import DraftState
from scheduling.core.rehearsal import Rehearsal, rehearse
from scheduling.models import RegimenDraft, RegimenSignature, RegimenVersion
from scheduling.models.standing import regimen_of


@dataclass(frozen=True, slots=True)
class Read:
    """What a draft says, what it would do, and the digest that a signature under it carries."""

    upload: catalog.Upload
    rehearsal: Rehearsal
    digest: str


def read(draft: RegimenDraft) -> Read:
    """Read and rehearse the draft. Raises Refused when a later version of the product no longer takes its file."""
    upload = _upload(draft.text)
    rehearsal = rehearse(upload.regimen, catalog.dummies(), catalog.policy())
    return Read(upload, rehearsal, rehearsal.digest(upload.definition.digest))


def changes(draft: RegimenDraft, upload: catalog.Upload) -> tuple[Difference, ...] | None:
    """Every fact that differs from the version it is based on; None for a wholly new regimen."""
    return difference(regimen_of(draft.based_on), upload.regimen) if draft.based_on else None


def create(*, by: User, text: str, based_on: RegimenVersion | None = None) -> RegimenDraft:
    """A new draft of the site, from a file's text."""
    require(by, Permission.DRAFT_REGIMENS)
    upload = _upload(text)
    with act("draft.created", by=by) as entry:
        # held, so that of two drafts of one version only one is made
        Site.objects.select_for_update().get(pk=by.site_id)
        newest = _newest_own(by.site, upload)
        entry.subject = draft = RegimenDraft(
            site=by.site, recorded_by=by, based_on=newest or based_on, **_columns(upload)
        )
        _refuse_second(draft)
        draft.save(force_insert=True)
        entry.details = _named(draft)
    return draft


def edit(*, by: User, draft: RegimenDraft, text: str, revision: int | None = None) -> RegimenDraft:
    """Another text. Raises Refused with the difference when the draft is no longer the one that was shown."""
    require(by, Permission.DRAFT_REGIMENS)
    upload = _upload(text)
    with act("draft.edited", by=by, subject=draft) as entry:
        Site.objects.select_for_update().get(pk=by.site_id)
        draft = _lock(draft)
        refuse(governance.refuse_edit(DraftState(draft.state), is_author=draft.recorded_by_id == by.pk))
        _refuse_changed(draft, upload, revision)
        newest = _newest_own(draft.site, upload)
        for column, value in _columns(upload).items():
            setattr(draft, column, value)
        draft.based_on = newest or draft.based_on
        _refuse_second(draft)
        _touch(draft)
        entry.details = _named(draft)
    return draft


def submit(*, by: User, draft: RegimenDraft, change_note: str, revision: int | None = None) -> RegimenDraft:
    """Ask two others to review it. Signatures of an earlier review no longer count."""
    require(by, Permission.DRAFT_REGIMENS)
    with act("draft.submitted", by=by, subject=draft, reason=change_note) as entry:
        draft = _lock(draft)
        author = draft.recorded_by_id == by.pk
        refuse(governance.refuse_submit(DraftState(draft.state), change_note, is_author=author))
        upload = _upload(draft.text)
        _refuse_changed(draft, upload, revision)
        _newest_own(draft.site, upload)
        draft.state, draft.change_note, draft.sent_back_because = DraftState.UNDER_REVIEW, change_note.strip(), ""
        draft.review += 1
        _touch(draft)
        entry.details = _named(draft)
    return draft


def send_back(*, by: User, draft: RegimenDraft, reason: str) -> RegimenDraft:
    """From review to its author again; the signatures given in this review fall away."""
    require(by, Permission.DRAFT_REGIMENS)
    with act("draft.sent-back", by=by, subject=draft, reason=reason) as entry:
        draft = _lock(draft)
        refuse(governance.refuse_send_back(DraftState(draft.state), reason))
        draft.state, draft.sent_back_because = DraftState.DRAFT, reason.strip()
        _touch(draft)
        entry.details = _named(draft)
    return draft


def withdraw(*, by: User, draft: RegimenDraft, reason: str) -> RegimenDraft:
    """Give it up. Anybody who writes regimens can, so that nobody's absence blocks a version."""
    require(by, Permission.DRAFT_REGIMENS)
    with act("draft.withdrawn", by=by, subject=draft, reason=reason) as entry:
        draft = _lock(draft)
        refuse(governance.refuse_withdraw(DraftState(draft.state), reason))
        draft.state = DraftState.WITHDRAWN
        _touch(draft)
        entry.details = _named(draft)
    return draft


def sign(*, by: User, draft: RegimenDraft, statement: str, rehearsal: str) -> RegimenDraft:
    """Sign the rehearsal whose digest was shown; the second signature publishes, in the same transaction."""
    require(by, Permission.APPROVE_REGIMENS)
    with act("draft.signed", by=by, subject=draft, reason=statement) as entry:
        draft = _lock(draft)
        found = read(draft)
        refuse(
            governance.refuse_sign(
                DraftState(draft.state),
                is_author=draft.recorded_by_id == by.pk,
                has_signed=any(one.recorded_by_id == by.pk for one in draft.signed),
                statement=statement,
                shown=rehearsal,
                rehearsal=found.digest,
            )
        )
        RegimenSignature.objects.create(
            draft=draft, review=draft.review, rehearsal=found.digest, statement=statement.strip(), recorded_by=by
        )
        entry.details = {**_named(draft), "rehearsal": found.digest}
        draft = _lock(draft)
        if refusal_to_publish(draft, found) is None:
            publish(by=by, draft=draft, found=found)
    return draft


def refusal_to_publish(draft: RegimenDraft, found: Read) -> Refusal | None:
    """What a draft still lacks. A signature counts under the rehearsal as it is now, and under no other."""
    signed_by = {one.recorded_by_id for one in draft.signed if one.rehearsal == found.digest}
    return governance.refuse_publish(DraftState(draft.state), author=draft.recorded_by_id, signed_by=signed_by)


def publish(*, by: User, draft: RegimenDraft, found: Read) -> RegimenVersion:
    """Freeze a signed draft as a version of its site. `draft` is locked by whoever calls."""
    require(by, Permission.APPROVE_REGIMENS)
    refuse(refusal_to_publish(draft, found))
    with act("regimen.published", by=by, reason=draft.change_note) as entry:
        _newest_own(draft.site, found.upload)
        more = {"site": draft.site, "text": draft.text}
        version = row_of(RegimenVersion, Publishable(found.upload.definition, draft.name, more))
        draft.state, draft.published = DraftState.APPROVED, version
        _touch(draft)
        entry.subject = version
        entry.details = {**_named(draft), "digest": version.digest}
    return version


def _upload(text: str) -> catalog.Upload:
    try:
        return catalog.read_upload(text)
    except catalog.Faulty as faulty:
        raise Refused(Refusal("not-a-regimen", str(faulty)), {"text": faulty.sentences}) from faulty


def _columns(upload: catalog.Upload) -> dict[str, str | int]:
    own = upload.regimen
    return {"key": own.id, "version": own.version, "name": own.name, "text": upload.text}


def _newest_own(site: Site, upload: catalog.Upload) -> RegimenVersion | None:
    """The version this one comes after. Raises Refused unless id and version are the site's next."""
    rows = RegimenVersion.objects.filter(site=site, key=upload.regimen.id)
    newest = rows.order_by("-version").first()
    refusal = governance.refuse_identity(
        upload.regimen.id, upload.regimen.version, newest=newest.version if newest else None
    )
    if refusal:
        raise Refused(refusal, {"text": [refusal.sentence]})
    return newest


def _refuse_second(draft: RegimenDraft) -> None:
    open_states = [DraftState.DRAFT, DraftState.UNDER_REVIEW]
    others = RegimenDraft.objects.filter(
        site=draft.site, key=draft.key, version=draft.version, state__in=open_states
    ).exclude(pk=draft.pk)
    if other := others.select_related("recorded_by").first():
        sentence = (
            f"{other.recorded_by} is writing {other.key} version {other.version} already. "
            "Review that draft, or give yours another id."
        )
        raise Refused(Refusal("second-draft", sentence), {"text": [sentence]})


def _refuse_changed(draft: RegimenDraft, upload: catalog.Upload, revision: int | None) -> None:
    if revision is None or draft.revision == revision:
        return
    sentence = (
        "Somebody changed this draft while you were looking at it. Nothing of yours was saved. "
        "What follows is what saving yours again would change in it."
    )
    try:
        stored = catalog.read_upload(draft.text).regimen
        told = [one.sentence for one in difference(stored, upload.regimen)]
    except catalog.Faulty:
        told = []
    raise Refused(Refusal("changed-meanwhile", sentence), {"text": [sentence, *told]})


def _lock(draft: RegimenDraft) -> RegimenDraft:
    rows = RegimenDraft.objects.select_for_update(of=("self",)).select_related("site", "recorded_by", "based_on")
    return rows.prefetch_related("signatures").get(pk=draft.pk)


def _touch(draft: RegimenDraft) -> None:
    draft.revision += 1
    draft.save()


def _named(draft: RegimenDraft) -> dict[str, str | int]:
    return {"key": draft.key, "version": draft.version}
