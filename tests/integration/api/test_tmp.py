import traceback, sys, asyncio
from integration.api.client import Client
import entrypoints.api.streams as st

async def test_loop(ada: Client, monkeypatch) -> None:
    orig = st.frames
    out=[]
    async def frames(log, t, s, a, e):
        try:
            async for x in orig(log,t,s,a,e):
                out.append((s[-4:],a,x))
                yield x
            out.append("clean end")
        except BaseException as err:
            out.append(("EXC",repr(err), traceback.format_exc()))
            raise
    monkeypatch.setattr(st, "frames", frames)
    bot = await ada.bot()
    for i in range(60):
        out.clear()
        up = await ada.upload(bot, (f"x{i}.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 8+str(i).encode()))
        ev = await ada.stream("GET", f"/documents/{up.json['id']}/events")
        if not ev or ev[-1].type != "document.failed":
            print(i, ev, out, file=sys.stderr)
            d = await ada.settled(up.json['id'])
            async with ada.streaming("GET", f"/documents/{up.json['id']}/events") as r: print(await r.read(), file=sys.stderr)
            assert 0
