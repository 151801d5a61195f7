/** Documents that a view needs all of. */
import { useEffect, useState } from "preact/hooks";
import { type Loaded, read } from "./load";

const LOADING = { is: "loading" } as const;

/** Several documents in the order of their paths, here when all have come; absent ones (and null) as undefined. */
export function useSeveral<T>(paths: readonly (string | null)[]): Loaded<(T | undefined)[]> {
  const key = paths.map((path) => path ?? "").join("\n");
  const [state, setState] = useState<{ key: string; loaded: Loaded<(T | undefined)[]> }>({ key, loaded: LOADING });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isWanted = true;
    const put = (loaded: Loaded<(T | undefined)[]>) => isWanted && setState({ key, loaded });
    put(LOADING);
    Promise.all(paths.map((path) => (path === null ? Promise.resolve(undefined) : read<T>(path)))).then(
      (data) => put({ is: "here", data }),
      () => put({ is: "failed", retry: () => setAttempt((n) => n + 1) }),
    );
    return () => {
      isWanted = false;
    };
  }, [key, attempt]);
  return state.key === key ? state.loaded : LOADING;
}

/** Where the breakdown of an indicator lies. */
export function valuesPath(realm: string, indicator: string, method: string, dimension = "total"): string {
  return `values/${realm}/${indicator}/${method}/${dimension}.json`;
}
