/** What one tab tells the others. */
type Said = "session-began" | "session-ended" | "session-lost";

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("chatsphere");

export const tellTabs = (said: Said): void => channel?.postMessage(said);

export function onTabs(listen: (said: Said) => void): void {
  channel?.addEventListener("message", (event: MessageEvent<Said>) => listen(event.data));
}
