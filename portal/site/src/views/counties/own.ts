/** The map of boundaries in use: one the operator put beside the pages, or one this reader chose and keeps. */
import { useEffect, useState } from "preact/hooks";
import { kept, LARGEST, type Problem, type Shapes, shapes } from "./geo";

const KEY = "flyover-numbers.map";
const BESIDE = "geo/counties.geojson";
let beside: Promise<Shapes | null> | null = null;

/** The site's own map, if the operator put one beside index.html; a bad one counts as none here. */
function siteWide(codes: readonly string[]): Promise<Shapes | null> {
  beside ??= fetch(new URL(BESIDE, document.baseURI), { credentials: "omit" })
    .then(async (answer) => {
      const text = await answer.text();
      return answer.ok ? shapes(text, codes) : null;
    })
    .then((found) => (typeof found === "object" ? found : null), () => null);
  return beside;
}

function stored(): Shapes | null {
  try {
    return kept(localStorage.getItem(KEY));
  } catch {
    return null; // a browser that keeps nothing
  }
}

export interface OwnMap {
  shapes: Shapes | null;
  /** chosen by this reader, not the site's */
  isOwn: boolean;
  problem: Problem | "notKept" | null;
  choose: (file: File) => Promise<void>;
  forget: () => void;
}

export function useOwnMap(codes: readonly string[]): OwnMap {
  const [own, setOwn] = useState<Shapes | null>(stored);
  const [sites, setSites] = useState<Shapes | null>(null);
  const [problem, setProblem] = useState<OwnMap["problem"]>(null);
  useEffect(() => {
    let isWanted = true;
    void siteWide(codes).then((found) => isWanted && setSites(found));
    return () => {
      isWanted = false;
    };
  }, []);
  const choose = async (file: File) => {
    const found = file.size > LARGEST ? "tooLarge" : shapes(await file.text(), codes);
    if (typeof found === "string") return setProblem(found);
    setOwn(found);
    try {
      localStorage.setItem(KEY, JSON.stringify(found));
      setProblem(null);
    } catch {
      setProblem("notKept");
    }
  };
  const forget = () => {
    try {
      localStorage.removeItem(KEY);
    } catch {
      // nothing was kept
    }
    setOwn(null);
    setProblem(null);
  };
  return { shapes: own ?? sites, isOwn: own !== null, problem, choose, forget };
}
