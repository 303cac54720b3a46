import { type KeyboardEvent, type ReactNode, useId, useState } from "react";

interface TabsProps<Id extends string> {
  label: string;
  tabs: readonly { id: Id; name: string; content: ReactNode }[];
  selected?: Id;
  onSelect?: (id: Id) => void;
}

/** Where a key leads from a tab: round and round, as the text runs. */
function moved(event: KeyboardEvent<HTMLElement>, at: number, count: number): number | null {
  const isRightToLeft = getComputedStyle(event.currentTarget).direction === "rtl";
  const next = isRightToLeft ? "ArrowLeft" : "ArrowRight";
  const before = isRightToLeft ? "ArrowRight" : "ArrowLeft";
  if (event.key === next) return (at + 1) % count;
  if (event.key === before) return (at - 1 + count) % count;
  if (event.key === "Home") return 0;
  return event.key === "End" ? count - 1 : null;
}

/** Which tab is chosen, by this one or by whoever holds it; its keys move the choice and the focus. */
function useChoice<Id extends string>({ tabs, selected, onSelect }: TabsProps<Id>, base: string) {
  const [own, setOwn] = useState(tabs[0]?.id);
  const index = tabs.findIndex(({ id }) => id === (selected ?? own));
  const at = Math.max(index, 0);
  const current = tabs[at];
  const select = (id: Id) => {
    setOwn(id);
    if (id !== current?.id) onSelect?.(id);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const to = moved(event, at, tabs.length);
    const tab = to === null ? undefined : tabs[to];
    if (!tab) return;
    event.preventDefault();
    select(tab.id);
    document.getElementById(`${base}-${tab.id}`)?.focus();
  };
  return { current, select, onKeyDown };
}

export function Tabs<Id extends string>(props: TabsProps<Id>) {
  const base = useId();
  const { current, select, onKeyDown } = useChoice(props, base);
  if (!current) return null;
  return (
    <div>
      <div
        role="tablist"
        aria-label={props.label}
        onKeyDown={onKeyDown}
        className="flex gap-1 overflow-x-auto border-b border-line [scrollbar-width:none]"
      >
        {props.tabs.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            aria-selected={id === current.id}
            aria-controls={id === current.id ? `${base}-panel` : undefined}
            tabIndex={id === current.id ? 0 : -1}
            onClick={() => select(id)}
            className="-mb-px cursor-pointer border-b-2 border-transparent px-3 py-2 text-sm font-medium whitespace-nowrap text-soft focus-visible:-outline-offset-2 hover:text-ink aria-selected:border-accent aria-selected:text-ink"
          >
            {name}
          </button>
        ))}
      </div>
      <Panel key={current.id} id={`${base}-panel`} tabId={`${base}-${current.id}`}>
        {current.content}
      </Panel>
    </div>
  );
}

function Panel({ id, tabId, children }: { id: string; tabId: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is reached from its tab, whatever it holds
    <div role="tabpanel" id={id} aria-labelledby={tabId} tabIndex={0} className="pt-5">
      {children}
    </div>
  );
}
