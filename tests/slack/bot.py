"""A small slack-bolt app that answers everything a person can do."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from tests.slack.bodies import actions, button, dialog, home, inputs, plain, section


def talking(app: AsyncApp) -> AsyncApp:
    """Have an app answer: /matome, a button "Open", a dialog, options, shortcuts, messages."""

    @app.command("/matome")
    async def command(ack: Any, respond: Any, client: Any, body: Any) -> None:
        if body["text"] == "at once":
            await ack(text="at once")
            return
        await ack()
        if body["text"] == "dialog":
            await client.views_open(trigger_id=body["trigger_id"], view=asking())
        else:
            await respond(text=f"found {body['text']}", blocks=found(body["text"]))

    @app.action("open")
    async def opened(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="opened", replace_original=True)

    @app.action("share")
    async def shared(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="shared", response_type="in_channel")
        await respond(delete_original=True)

    @app.action("menu")
    async def chosen(ack: Any, respond: Any, payload: Any) -> None:
        await ack()
        await respond(text=f"chose {payload['selected_option']['value']}")

    @app.options("tag")
    async def options(ack: Any, payload: Any) -> None:
        await ack(options=[{"text": plain(f"{payload['value']}-tag"), "value": payload["value"]}])

    @app.view("asked")
    async def submitted(ack: Any, view: Any, client: Any, body: Any) -> None:
        held = view["state"]["values"]
        query = held["query"]["text"]["value"]
        if query == "wrong":
            await ack(response_action="errors", errors={"query": "not that"})
        elif query == "more":
            await ack(response_action="push", view=dialog(section("one more"), callback_id="more"))
        elif query == "other":
            await ack(response_action="update", view=dialog(section("another"), callback_id="x"))
        else:
            await ack()
            tag = (held["tags"]["tag"]["selected_option"] or {}).get("value")
            await client.chat_postMessage(channel=body["user"]["id"], text=f"got {query} {tag}")

    @app.view_closed("asked")
    async def closed(ack: Any, client: Any, body: Any) -> None:
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text="never mind")

    @app.shortcut("search")
    async def search(ack: Any, client: Any, body: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=asking())

    @app.shortcut("look")
    async def look(ack: Any, respond: Any, body: Any) -> None:
        await ack()
        await respond(text=f"looked at {body['message']['text']}")

    @app.event("message")
    async def said(event: Any, say: Any) -> None:
        await say(text=f"you said {event['text']}")

    @app.event("app_mention")
    async def mentioned(event: Any, say: Any) -> None:
        await say(text="you called", thread_ts=event.get("thread_ts", event["ts"]))

    @app.event("app_home_opened")
    async def at_home(event: Any, client: Any) -> None:
        await client.views_publish(
            user_id=event["user"],
            view=home(section("welcome"), actions(button("More", "more"))),
        )

    @app.action("more")
    async def more(ack: Any, client: Any, body: Any) -> None:
        await ack()
        await client.views_update(view_id=body["view"]["id"], view=home(section("more of it")))

    @app.event("link_shared")
    async def linked(event: Any, client: Any) -> None:
        unfurls = {one["url"]: {"blocks": [section("a post")]} for one in event["links"]}
        await client.chat_unfurl(channel=event["channel"], ts=event["message_ts"], unfurls=unfurls)

    return app


def found(text: str) -> list[dict[str, Any]]:
    return [
        section(f"*{text}*"),
        actions(button("Open", "open", value="1"), button("Share", "share", value="2")),
    ]


def asking() -> dict[str, Any]:
    return dialog(
        *inputs(
            query={"type": "plain_text_input", "action_id": "text", "max_length": 20},
            tags={"type": "external_select", "action_id": "tag", "min_query_length": 1},
        ),
        callback_id="asked",
        submit=plain("OK"),
        notify_on_close=True,
    )
