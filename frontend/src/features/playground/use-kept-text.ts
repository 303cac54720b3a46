import { useCallback, useState } from "react";

const keyOf = (place: string) => `chatsphere-question-${place}`;
const kept = (place: string) => sessionStorage.getItem(keyOf(place)) ?? "";

/** What was typed and not sent yet, by the place where it was typed; a reload does not lose it. */
export function useKeptText(place: string): [string, (text: string) => void] {
  const [typed, setTyped] = useState({ place, text: kept(place) });
  if (typed.place !== place) setTyped({ place, text: kept(place) });
  const change = useCallback(
    (text: string) => {
      setTyped({ place, text });
      if (text) sessionStorage.setItem(keyOf(place), text);
      else sessionStorage.removeItem(keyOf(place));
    },
    [place],
  );
  return [typed.place === place ? typed.text : kept(place), change];
}
