"""A site's own regimens: drafted, reviewed, rehearsed and signed; and what a site retires."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Figure
from her2tracker.api.shapes import Cited
from her2tracker.api.views import Operations, PagedOperations, operation
from scheduling import catalog, lookups
from scheduling.actions import drafts, regimens
from scheduling.api.regimens import CitedOut
from scheduling.core.governance import DraftState
from scheduling.core.regimen import DoseKind
from scheduling.models import RegimenDraft, RegimenVersion


class VersionOut(serializers.Serializer[Any]):
    """A published version, by its address in the library."""

    key = serializers.CharField(max_length=60)
    version = serializers.IntegerField(min_value=0, max_value=9999)


class SignatureOut(serializers.Serializer[Any]):
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    statement = serializers.CharField()
    rehearsal = serializers.CharField(help_text="Digest of the rehearsal that was signed.")


class DraftLine(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    key = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    state = Coded(DraftState)
    waits_for = serializers.CharField(help_text="Whose turn it is, in words; empty when nobody is waited for.")
    author = serializers.CharField(source="recorded_by")
    begun_at = serializers.DateTimeField(source="recorded_at")
    based_on = VersionOut(allow_null=True)
    change_note = serializers.CharField()
    sent_back_because = serializers.CharField()
    signed = SignatureOut(many=True)
    revision = serializers.IntegerField(help_text="Send it back with an act: an act on an older one is refused.")
    published = VersionOut(allow_null=True)


class DifferenceOut(serializers.Serializer[Any]):
    """One fact as it was and as it is now; empty where a version does not have it."""

    what = serializers.CharField()
    was = serializers.CharField()
    now = serializers.CharField()


class DraftOut(DraftLine):
    text = serializers.CharField(help_text="The TOML file.")
    changes = DifferenceOut(many=True, allow_null=True, help_text="Against `based_on`; null for a new regimen.")
    figures = CitedOut(many=True, help_text="Every figure of the draft with its source.")
    rehearsal = serializers.CharField(help_text="Digest of the rehearsal as it is now: what a signature carries.")


class AmountOut(serializers.Serializer[Any]):
    weight_kg = Figure()
    planned_mg = Figure(allow_null=True)
    arithmetic = serializers.CharField()
    refused = serializers.CharField()


class RehearsedLineOut(serializers.Serializer[Any]):
    on_day = serializers.IntegerField(help_text="Counted from the first dose, which is day 1.")
    phase = serializers.CharField()
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    agent = serializers.CharField()
    kind = Coded(DoseKind)
    amounts = AmountOut(many=True)
    note = serializers.CharField()


class SaidOut(Cited):
    sentence = serializers.CharField()


class SceneOut(serializers.Serializer[Any]):
    title = serializers.CharField()
    days_late = serializers.IntegerField()
    lines = RehearsedLineOut(many=True)
    said = SaidOut(many=True, help_text="What the gap rules say, with their sources.")
    left_out = serializers.ListField(child=serializers.CharField())
    last = serializers.CharField()
    last_day = serializers.IntegerField()


class RehearsalOut(serializers.Serializer[Any]):
    """Every dose of every dummy, on time and late. `digest` is what a signature carries."""

    digest = serializers.CharField()
    scenes = SceneOut(source="rehearsal.scenes", many=True)
    at_home = serializers.ListField(source="rehearsal.at_home", child=serializers.CharField())
    refusals = serializers.ListField(source="rehearsal.refusals", child=serializers.CharField())


class TextIn(serializers.Serializer[Any]):
    text = serializers.CharField(
        trim_whitespace=False, max_length=catalog.LARGEST_BYTES, help_text="A regimen file, in TOML."
    )

    def validate_text(self, text: str) -> str:
        try:
            return catalog.read_upload(text).text
        except catalog.Faulty as faulty:
            raise serializers.ValidationError(faulty.sentences) from faulty


class NewDraftIn(TextIn):
    based_on = VersionOut(required=False, help_text="The published version that the approvers compare it with.")


class EditDraftIn(TextIn):
    revision = serializers.IntegerField(required=False)


class SubmitIn(serializers.Serializer[Any]):
    change_note = serializers.CharField(max_length=2000, help_text="What changes, and why.")
    revision = serializers.IntegerField(required=False)


class ReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class SignIn(serializers.Serializer[Any]):
    statement = serializers.CharField(max_length=2000, help_text="What the rehearsal was checked against.")
    rehearsal = serializers.CharField(max_length=64, help_text="Digest of the rehearsal that was read.")


class RetireIn(ReasonIn):
    replaced_by = VersionOut(required=False)


class RetirementOut(serializers.Serializer[Any]):
    regimen = VersionOut()
    reason = serializers.CharField()
    replaced_by = VersionOut(allow_null=True)
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class FileOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    text = serializers.CharField()


def _named(by: User, said: dict[str, Any], field: str) -> RegimenVersion | None:
    """The version that a body names in `field`, if it does. Raises ValidationError for one that is not there."""
    named = said.get(field)
    if named is None:
        return None
    try:
        return lookups.regimen_for(by.site_id, named["key"], named["version"])
    except Http404 as error:
        raise serializers.ValidationError({field: ["Your site’s library has no such version."]}) from error


class DraftAct(Operations):
    """An act on a draft, answered with the draft as it then stands."""

    def stands(self, uuid: UUID) -> Response:
        draft = lookups.draft_for(self.by, uuid)
        found = drafts.read(draft)
        shown = DraftLine(draft, context={"view": self}).data | {
            "text": draft.text,
            "changes": DifferenceOut(drafts.changes(draft, found.upload), many=True).data if draft.based_on else None,
            "figures": CitedOut(found.upload.regimen.cited_facts, many=True).data,
            "rehearsal": found.digest,
        }
        return Response(shown)


class OneDraft(DraftAct):
    permissions = {"GET": Permission.DRAFT_REGIMENS, "PUT": Permission.DRAFT_REGIMENS}

    @operation("regimen_drafts_retrieve", returns=DraftOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One draft: its file, what it changes, and who signed."""
        return self.stands(uuid)

    @operation("regimen_drafts_edit", takes=EditDraftIn, returns=DraftOut)
    def put(self, _: Any, uuid: UUID) -> Response:
        """Put another file in its place. Only its author can, and not under review."""
        draft = lookups.draft_for(self.by, uuid)
        drafts.edit(by=self.by, draft=draft, **self.body(EditDraftIn))
        return self.stands(uuid)


class Drafts(PagedOperations):
    permissions = {"GET": Permission.DRAFT_REGIMENS, "POST": Permission.DRAFT_REGIMENS}

    @operation("regimen_drafts_list", returns=DraftLine(many=True))
    def get(self, _: Any) -> Response:
        """Every draft of your site, the newest first."""
        rows = RegimenDraft.objects.filter(site=self.by.site).select_related("recorded_by", "based_on", "published")
        return self.paged(DraftLine, rows.defer("text").prefetch_related("signatures__recorded_by"))

    @operation("regimen_drafts_create", takes=NewDraftIn, returns=DraftLine, status=201)
    def post(self, _: Any) -> Response:
        """Begin a draft from a file. Its id and version must be the next of your site's own."""
        said = self.body(NewDraftIn)
        made = drafts.create(by=self.by, text=said["text"], based_on=_named(self.by, said, "based_on"))
        return self.shown(DraftLine, lookups.draft_for(self.by, made.uuid), status=201)


class Submit(DraftAct):
    permissions = {"POST": Permission.DRAFT_REGIMENS}

    @operation("regimen_drafts_submit", takes=SubmitIn, returns=DraftOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Ask two others to review it."""
        drafts.submit(by=self.by, draft=lookups.draft_for(self.by, uuid), **self.body(SubmitIn))
        return self.stands(uuid)


class SendBack(DraftAct):
    permissions = {"POST": Permission.DRAFT_REGIMENS}

    @operation("regimen_drafts_send_back", takes=ReasonIn, returns=DraftOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """From review to its author again. Signatures given in this review fall away."""
        drafts.send_back(by=self.by, draft=lookups.draft_for(self.by, uuid), **self.body(ReasonIn))
        return self.stands(uuid)


class Withdraw(DraftAct):
    permissions = {"POST": Permission.DRAFT_REGIMENS}

    @operation("regimen_drafts_withdraw", takes=ReasonIn, returns=DraftOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Give a draft up. It stays on record and is never published."""
        drafts.withdraw(by=self.by, draft=lookups.draft_for(self.by, uuid), **self.body(ReasonIn))
        return self.stands(uuid)


class Sign(DraftAct):
    permissions = {"POST": Permission.APPROVE_REGIMENS}

    @operation("regimen_drafts_sign", takes=SignIn, returns=DraftOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Sign the rehearsal that was read. The second signature, neither by its author, publishes the regimen."""
        drafts.sign(by=self.by, draft=lookups.draft_for(self.by, uuid), **self.body(SignIn))
        return self.stands(uuid)


class RehearseDraft(Operations):
    permissions = {"GET": Permission.DRAFT_REGIMENS}

    @operation("regimen_drafts_rehearsal", returns=RehearsalOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The draft tried on three dummies: every dose on time, then with one cycle day delayed."""
        return self.shown(RehearsalOut, drafts.read(lookups.draft_for(self.by, uuid)))


class Retire(Operations):
    permissions = {"POST": Permission.APPROVE_REGIMENS}

    @operation("regimens_retire", takes=RetireIn, returns=RetirementOut, status=201)
    def post(self, _: Any, key: str, version: int) -> Response:
        """Nobody at your site is started on it any more. Plans that run on it go on."""
        regimen, said = lookups.regimen_for(self.by.site_id, key, version), self.body(RetireIn)
        made = regimens.retire(
            by=self.by, regimen=regimen, reason=said["reason"], replaced_by=_named(self.by, said, "replaced_by")
        )
        return self.shown(RetirementOut, made, status=201)


class File(Operations):
    permissions = {"GET": Permission.VIEW_REGIMENS}

    @operation("regimens_file", returns=FileOut)
    def get(self, _: Any, key: str, version: int) -> Response:
        """The TOML file as it was written: drafted elsewhere, it gives the same expansion."""
        row = lookups.regimen_for(self.by.site_id, key, version)
        return self.shown(FileOut, {"name": f"{row.key}-v{row.version}.toml", "text": regimens.text_of(row)})
