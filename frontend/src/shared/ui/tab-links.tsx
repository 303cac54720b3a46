import { useEffect, useRef } from "react";
import { NavLink, useLocation } from "react-router";

interface TabLinksProps {
  label: string;
  tabs: readonly {
    to: string;
    name: string /** Not while a place below it is shown. */;
    isExact?: boolean;
  }[];
}

/** On a phone the row scrolls by itself: where one is can be seen. */
function useCurrentInView() {
  const list = useRef<HTMLUListElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place was gone to
  useEffect(() => {
    const current = list.current?.querySelector("[aria-current=page]");
    current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return list;
}

/** Places of one thing, each with an address of its own. */
export function TabLinks({ label, tabs }: TabLinksProps) {
  const list = useCurrentInView();
  return (
    <nav aria-label={label} className="border-b border-line">
      <ul ref={list} className="-mb-px flex gap-1 overflow-x-auto [scrollbar-width:none]">
        {tabs.map(({ to, name, isExact }) => (
          <li key={to}>
            <NavLink
              to={to}
              end={isExact}
              className="flex min-h-10 items-center border-b-2 border-transparent px-3 text-sm font-medium whitespace-nowrap text-soft no-underline focus-visible:-outline-offset-2 hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
            >
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
