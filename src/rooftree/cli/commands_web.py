"""`rooftree serve` and its neighbours: the web application from the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rooftree.cli.console import err, print_json
from rooftree.cli.main import app
from rooftree.cli.options import Json, Workspace

if TYPE_CHECKING:
    from rooftree.web.landlords.models import Landlord

HERE = Path()
_ADDRESS = "http://localhost:{port}"


@app.command(rich_help_panel="Look")
def serve(
    workspace: Workspace = HERE,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    host: Annotated[
        str, typer.Option(help="The address to listen on: 127.0.0.1 is this machine only.")
    ] = "127.0.0.1",
    also: Annotated[
        list[Path] | None,
        typer.Option(help="Another landlord's workspace, served too; may be given again."),
    ] = None,
) -> None:
    """Serve the web application and its background worker until Ctrl-C.

    Needs no other service: users, access log and jobs are kept in the workspace. Settings come from
    the environment (ROOFTREE_WEB_...). Serve other machines through a proxy with https only.
    """
    from rooftree.web.config import serve as server
    from rooftree.web.config import start

    opened = start.set_up(workspace, address=_ADDRESS.format(port=port))
    with server.only_one(opened):
        server.check_port(host, port)
        start.prepare(opened, others=[each.resolve() for each in also or []])
        from django.conf import settings

        from rooftree.web.jobs.services import reap_all

        reap_all()
        chosen = settings.CHOSEN
        server.run(
            host=host,
            port=port,
            workers=chosen["ROOFTREE_WEB_WORKERS"].value,
            threads=chosen["ROOFTREE_WEB_THREADS"].value,
            when_ready=lambda: _say_ready(opened.directory, settings.ADDRESS),
        )
    err.print("Stopped.")


def _say_ready(directory: Path, address: str) -> None:
    from rooftree.web.landlords.models import Landlord

    landlord = Landlord.objects.get(workspace=str(directory))
    print(f"\n{landlord.name} is served at {address}", flush=True)
    if landlord.is_demonstration:
        _say_sign_ins(landlord)
    elif not landlord.staff.exists():
        print("Nobody has an account yet. Let the first one in with:")
        print(f"  rooftree invite EMAIL --name NAME --workspace {directory}")
    print("Stop with Ctrl-C.", flush=True)


def _say_sign_ins(landlord: Landlord) -> None:
    import qrcode

    from rooftree.web.accounts.demonstration import ensure

    sign_ins = ensure(landlord)
    print("Nobody in it exists. One account for each role:\n")
    for label, email in sign_ins.emails:
        print(f"  {label:<26}{email}")
    print(f"\n  Password for all:         {sign_ins.password}")
    print(f"  Key for all:              {sign_ins.totp_secret}")
    print("\nThe second factor: scan this with an authenticator app, or type the key into it.")
    print("Without a telephone: rooftree demo-code EMAIL prints the code of the moment.\n")
    if sys.stdout.isatty():
        picture = qrcode.QRCode(border=2)
        picture.add_data(sign_ins.key_address)
        picture.print_ascii(invert=True)
    else:
        print(f"  {sign_ins.key_address}\n")


@app.command("demo-code", rich_help_panel="Begin")
def demo_code(
    email: Annotated[str, typer.Argument(help="An account of the demonstration.")],
    workspace: Annotated[Path, typer.Option(help="The demonstration.")] = Path("demo-landlord"),
    json: Json = False,
) -> None:
    """Print the code of the moment for an account of the demonstration, in place of a telephone."""
    from rooftree.web.config import start

    start.set_up(workspace)
    from rooftree.web.accounts.demonstration import code_now

    code = code_now(email)
    print_json({"code": code}) if json else print(code)


@app.command(rich_help_panel="Keep")
def invite(
    email: Annotated[str, typer.Argument(help="The colleague's e-mail address.")],
    name: Annotated[str, typer.Option(help="The colleague's name.")],
    role: Annotated[
        str, typer.Option(help="The role; the first one in is an administrator.")
    ] = "administrator",
    workspace: Annotated[Path, typer.Option(help="The workspace of the landlord.")] = HERE,
    home: Annotated[
        Path | None, typer.Option(help="The workspace that is served, where it is another one.")
    ] = None,
    json: Json = False,
) -> None:
    """Make an invitation link for a colleague: for the first administrator, or when none is left."""
    from rooftree.web.config import start

    port = os.environ.get("ROOFTREE_WEB_ADDRESS") or _ADDRESS.format(port=8000)
    start.set_up(home or workspace, address=port)
    start.migrate()
    from django.conf import settings
    from django.urls import reverse

    from rooftree.web.accounts import services
    from rooftree.web.landlords.services import ensure

    made, token = services.invite(
        landlord=ensure(workspace.resolve()), email=email, name=name, role=role, patches=[], by=None
    )
    link = settings.ADDRESS + reverse("invitation", kwargs={"token": token})
    if json:
        print_json({"link": link, "expires_at": made.expires_at.isoformat()})
        return
    print(
        f"Give {name} this link. It works once, for {settings.INVITATION_HOURS} hours:\n\n  {link}\n"
    )


@app.command("verify-log", rich_help_panel="Keep")
def verify_log(
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """See whether the access log is whole: every line follows the one before, and none is missing."""
    from rooftree.web.config import start

    start.set_up(workspace)
    start.migrate()
    from rooftree.web.audit.services import verify

    found = verify()
    if json:
        print_json(found)
    elif found.broken_at is None:
        print(
            f"The log is whole: {found.events:,} events. Keep this digest elsewhere:\n{found.head}"
        )
    else:
        print(f"The log was tampered with at number {found.broken_at}: {found.why}.")
    if found.broken_at is not None:
        raise typer.Exit(code=4)
