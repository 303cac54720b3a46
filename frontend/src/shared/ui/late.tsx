import { type ComponentType, lazy, Suspense } from "react";

/** A component that is fetched when it is shown for the first time; nothing stands in its place until then. */
export function late<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  const Fetched: ComponentType<Props> = lazy(async () => ({ default: await load() }));
  return function Late(props: Props) {
    return (
      <Suspense>
        <Fetched {...props} />
      </Suspense>
    );
  };
}
