import { render, screen, within } from "@testing-library/react";
import type { Message } from "@/shared/api/inside";
import { sampleMessage } from "@/test/message";
import { choiceOf, wayThrough } from "./branches";
import { MessageList } from "./message-list";

const message = (id: string, parent: string | null, more: Partial<Message> = {}) =>
  sampleMessage({
    id,
    parent_id: parent,
    role: id.startsWith("q") ? "user" : "assistant",
    content: id,
    ...more,
  });

const ids = (messages: readonly Message[], chosen = {}) =>
  wayThrough(messages, chosen).map((turn) => turn.message.id);

const chain = (count: number): Message[] =>
  Array.from({ length: count }, (_, n) =>
    message(`${n % 2 ? "a" : "q"}${n}`, n === 0 ? null : `${n % 2 ? "q" : "a"}${n - 1}`),
  );

const none = { hasOlder: false, isLoadingOlder: false, loadOlder: () => undefined };

/** jsdom lays nothing out: the list is told that it is as high as a window. */
beforeEach(() => {
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(100);
  Element.prototype.scrollTo = () => undefined;
});

test("of ten thousand messages at most sixty are in the document", () => {
  const turns = wayThrough(chain(10_000));
  expect(turns).toHaveLength(10_000);
  render(
    <MessageList turns={turns} history={none}>
      {(turn) => <p>{turn.message.content}</p>}
    </MessageList>,
  );
  const shown = within(screen.getByRole("log")).getAllByText(/^[qa]\d+$/);
  expect(shown.length).toBeGreaterThan(2);
  expect(shown.length).toBeLessThanOrEqual(60);
});

test("older messages are asked for where the beginning of what is loaded is near", () => {
  const loadOlder = vi.fn();
  const history = { hasOlder: true, isLoadingOlder: false, loadOlder };
  render(
    <MessageList turns={wayThrough(chain(4))} history={history}>
      {(turn) => <p>{turn.message.content}</p>}
    </MessageList>,
  );
  expect(loadOlder).toHaveBeenCalledOnce();
});

test("an answer is read out when it is finished, once, without its numbers", () => {
  const list = (answer: Message) => (
    <MessageList turns={wayThrough([message("q0", null), answer])} history={none}>
      {() => null}
    </MessageList>
  );
  const { rerender } = render(list(message("a1", "q0", { status: "streaming", content: "We " })));
  expect(screen.getByRole("log")).toHaveAttribute("aria-live", "off");
  expect(screen.queryByText(/^Answer: /)).toBeNull();
  rerender(list(message("a1", "q0", { content: "We open at nine. [1]" })));
  expect(screen.getByText("Answer: We open at nine.")).toBeInTheDocument();
});

test("an answer that was there already is not read out", () => {
  render(
    <MessageList turns={wayThrough(chain(2))} history={none}>
      {() => null}
    </MessageList>,
  );
  expect(screen.queryByText(/^Answer: /)).toBeNull();
});

test("where a conversation forks, the way goes to the newest message, or where it was chosen", () => {
  const again = message("a1-again", "q0");
  const messages = [...chain(4), again];
  expect(ids(messages)).toEqual(["q0", "a1-again"]);
  const first = wayThrough(messages)[1]?.siblings[0];
  expect(first?.id).toBe("a1");
  expect(first && ids(messages, choiceOf(first))).toEqual(["q0", "a1", "q2", "a3"]);
});

test("the beginning of a way may not be loaded yet", () => {
  expect(ids(chain(6).slice(3))).toEqual(["a3", "q4", "a5"]);
  // The oldest that is loaded lies on another branch than the newest.
  const forked = [message("a3", "q2"), message("a1-again", "q0"), message("q9", "a1-again")];
  expect(ids(forked)).toEqual(["a1-again", "q9"]);
});
