import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { Toasts } from "@/app/toasts";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { settleDeletions, useUndoableDelete } from "./undo";

afterEach(() => settleDeletions());

let count = 0;

/** A list of one, whose item is another in every test: what was deleted stays hidden. */
function start(answer: () => Response) {
  count += 1;
  const item = { id: `doc_${count}`, name: "Handbook", path: `/api/v1/documents/doc_${count}` };
  const sent: Request[] = [];
  server.use(
    http.delete("*/api/v1/documents/:id", ({ request }) => {
      sent.push(request);
      return answer();
    }),
  );
  const List = () => {
    const { remove, isHidden } = useUndoableDelete();
    return (
      <main>
        <Toasts />
        {!isHidden(item.id) && <p>the row</p>}
        <button type="button" onClick={() => remove({ items: [item], tags: ["Documents"] })}>
          delete
        </button>
      </main>
    );
  };
  show(List, { token: "a-token" });
  return sent;
}

const done = () => new HttpResponse(null, { status: 204 });
const remove = () => userEvent.click(screen.getByRole("button", { name: "delete" }));
/** By keyboard, as everything here can be. */
async function press(name: string) {
  (await screen.findByRole("button", { name })).focus();
  await userEvent.keyboard("{Enter}");
}

test("what is deleted is gone at once, and comes back when it is undone: nothing is sent", async () => {
  const sent = start(done);
  await remove();
  expect(screen.queryByText("the row")).toBeNull();
  expect(await screen.findByText("“Handbook” is deleted")).toBeVisible();
  await press("Undo");
  expect(screen.getByText("the row")).toBeVisible();
  await settleDeletions();
  expect(sent).toHaveLength(0);
});

test("it is sent once the toast is gone", async () => {
  const sent = start(done);
  await remove();
  await press("Close");
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(screen.queryByText("the row")).toBeNull();
});

test("a refusal brings it back, and says why", async () => {
  start(() => problem(403, "forbidden"));
  await remove();
  await press("Close");
  expect(await screen.findByText("“Handbook” was not deleted")).toBeVisible();
  expect(screen.getByText(/Your role in this workspace/)).toBeVisible();
  expect(screen.getByText("the row")).toBeVisible();
});

test("what is gone already counts as deleted", async () => {
  const sent = start(() => problem(404, "not_found"));
  await remove();
  await press("Close");
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(screen.queryByText("the row")).toBeNull();
});

test("a page that is left sends it at once, as who deleted it", async () => {
  const sent = start(done);
  await remove();
  window.dispatchEvent(new Event("pagehide"));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.headers.get("Authorization")).toBe("Bearer a-token");
  expect(sent[0]?.keepalive).toBe(true);
});
