import { useEffect, useState } from "preact/hooks";
import { type Loaded, read } from "../../data/load";

/** Documents by their path; one that is not there is undefined. */
export type Documents = ReadonlyMap<string, unknown>;

/** Several documents at once: here when all have come, one failure fails them, and what is there is not asked for again. */
export function useMany(paths: readonly string[]): Loaded<Documents> {
  const wanted = [...new Set(paths)].sort().join("\n");
  const [state, setState] = useState<{ wanted: string; loaded: Loaded<Documents> } | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isWanted = true;
    const put = (loaded: Loaded<Documents>) => isWanted && setState({ wanted, loaded });
    const list = wanted ? wanted.split("\n") : [];
    Promise.all(list.map((path) => read(path))).then(
      (all) => put({ is: "here", data: new Map(list.map((path, at) => [path, all[at]])) }),
      () => put({ is: "failed", retry: () => setAttempt((n) => n + 1) }),
    );
    return () => {
      isWanted = false;
    };
  }, [wanted, attempt]);
  if (state?.wanted === wanted) return state.loaded;
  // what was shown stays until the next is here: a page that blinks loses its reader's place
  return state?.loaded.is === "here" ? state.loaded : { is: "loading" };
}
