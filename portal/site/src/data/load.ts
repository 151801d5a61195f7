/** The one way to data: each document is fetched once, and what is away is said in one way. */
import { useEffect, useState } from "preact/hooks";
import type { AreaFile, Catalogue, GapsFile, ParitiesFile, QuestionsFile, Realm, RevisionsFile, TracesFile, ValuesFile } from "./types";

/** A document on its way, here, not there at all (nothing was published of it), or out of reach. */
export type Loaded<T> =
  | { is: "loading" }
  | { is: "here"; data: T }
  | { is: "absent" }
  | { is: "failed"; retry: () => void };

const LOADING = { is: "loading" } as const;
const ABSENT = { is: "absent" } as const;
const cache = new Map<string, Promise<unknown>>();

/** Read a document below data/; undefined where there is none. A failure is forgotten, so that it can be tried again. */
export function read<T>(path: string): Promise<T | undefined> {
  const known = cache.get(path);
  if (known) return known as Promise<T | undefined>;
  const asked = fetch(new URL(`data/${path}`, document.baseURI), { credentials: "omit" }).then((answer) => {
    if (answer.status === 404) return answer.text().then(() => undefined); // unread, it would hold its connection
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json() as Promise<T>;
  });
  cache.set(path, asked);
  asked.catch(() => cache.delete(path));
  return asked;
}

/** A document for a view; null waits for nothing and counts as absent. */
export function useDocument<T>(path: string | null): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; loaded: Loaded<T> }>({ path, loaded: LOADING });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (path === null) return undefined;
    let isWanted = true;
    const put = (loaded: Loaded<T>) => isWanted && setState({ path, loaded });
    put(LOADING);
    read<T>(path).then(
      (data) => put(data === undefined ? ABSENT : { is: "here", data }),
      () => put({ is: "failed", retry: () => setAttempt((n) => n + 1) }),
    );
    return () => {
      isWanted = false;
    };
  }, [path, attempt]);
  if (path === null) return ABSENT;
  return state.path === path ? state.loaded : LOADING;
}

export const useCatalogue = () => useDocument<Catalogue>("catalogue.json");
export const useArea = (realm: Realm, area: string | null) =>
  useDocument<AreaFile>(area && `areas/${realm}/${area}.json`);
export const useValues = (realm: Realm, indicator: string | null, method: string, dimension = "total") =>
  useDocument<ValuesFile>(indicator && `values/${realm}/${indicator}/${method}/${dimension}.json`);
export const useRevisions = (realm: Realm, indicator: string | null) =>
  useDocument<RevisionsFile>(indicator && `revisions/${realm}/${indicator}.json`);
export const useParities = (realm: Realm | null) => useDocument<ParitiesFile>(realm && `parities/${realm}.json`);
export const useGaps = () => useDocument<GapsFile>("gaps.json");
export const useQuestions = () => useDocument<QuestionsFile>("questions.json");
export const useTraces = () => useDocument<TracesFile>("traces.json");

/** Several documents at once: here when all are, absent ones as undefined. */
export function together<A, B>(first: Loaded<A>, second: Loaded<B>): Loaded<[A | undefined, B | undefined]> {
  for (const each of [first, second]) if (each.is === "failed") return each;
  for (const each of [first, second]) if (each.is === "loading") return each;
  const data = (one: Loaded<A> | Loaded<B>) => (one.is === "here" ? one.data : undefined);
  return { is: "here", data: [data(first) as A | undefined, data(second) as B | undefined] };
}
