import { useEffect, useState } from "react";

/** A value once it has stayed for a moment: not every letter that is typed is asked for. */
export function useSettled<Value>(value: Value, ms = 250): Value {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
