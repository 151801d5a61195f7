/** The data dictionary as portal/publishing/dictionary.py writes it, and how it is searched. */
import { useEffect, useState } from "preact/hooks";
import { type Loaded, read, useDocument } from "./load";
import type { Lang } from "./types";

export type Class = "public" | "internal" | "personal" | "identifier" | "dropped";

export interface Column {
  name: string;
  type?: string;
  unit?: readonly [zh: string, en: string];
  zh?: string;
  en?: string;
  /** the agency's own word for it */
  source_name?: string;
  class?: Class;
  is_required?: boolean;
  refers_to?: string;
  codes?: readonly (readonly [code: string, zh: string, en: string])[];
}

export interface Table {
  name: string;
  zh?: string;
  en?: string;
  title?: string;
  owner?: string;
  topic?: string;
  version?: string;
  key?: readonly string[];
  notes?: readonly (readonly [label: string, text: string])[];
  columns: readonly Column[];
}

export interface Part {
  id: string;
  kind: "schema" | "source";
  zh: string;
  en: string;
  note_zh: string;
  note_en: string;
  /** whether policymakers can read its tables */
  is_open: boolean;
  tables: readonly { name: string; columns: readonly string[] }[];
}

/** A table that fits what was asked, and its columns that do; all of them where the table itself does. */
export interface Hit {
  part: Part;
  table: Table;
  columns: readonly Column[];
}

export const useIndex = () => useDocument<{ parts: Part[] }>("dictionary/index.json");
const fileOf = (part: string) => `dictionary/${part}.json`;

/** The tables of some parts, by part; all of them are here or none is. */
export function useTables(parts: readonly string[]): Loaded<ReadonlyMap<string, readonly Table[]>> {
  const wanted = parts.join(" ");
  const [state, setState] = useState<{ wanted: string; loaded: Loaded<ReadonlyMap<string, readonly Table[]>> } | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isWanted = true;
    const put = (loaded: Loaded<ReadonlyMap<string, readonly Table[]>>) => isWanted && setState({ wanted, loaded });
    Promise.all(parts.map((part) => read<{ tables: Table[] }>(fileOf(part)))).then(
      (found) => put({ is: "here", data: new Map(parts.map((part, at) => [part, found[at]?.tables ?? []])) }),
      () => put({ is: "failed", retry: () => setAttempt((n) => n + 1) }),
    );
    return () => {
      isWanted = false;
    };
  }, [wanted, attempt]);
  return state?.wanted === wanted ? state.loaded : { is: "loading" };
}

/** What something means, in the reader's language where there is a word for it, and in which language that is. */
export function meaning(of: { zh?: string; en?: string }, lang: Lang): { text: string; lang: Lang } {
  const other = lang === "zh" ? "en" : "zh";
  const text = of[lang];
  return text ? { text, lang } : { text: of[other] ?? "", lang: other };
}

/** Tables and columns in which each word that was asked for stands, open parts first. */
export function search(parts: readonly Part[], tables: ReadonlyMap<string, readonly Table[]>, asked: string): Hit[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const fits = (...texts: (string | undefined)[]) => {
    const text = texts.join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return parts.flatMap((part) =>
    (tables.get(part.id) ?? []).flatMap((table) => {
      const isMeant = fits(table.name, table.title, table.zh, table.en);
      const columns = table.columns.filter((each) =>
        fits(each.name, each.source_name, each.zh, each.en, ...(each.codes ?? []).flat()),
      );
      return isMeant || columns.length ? [{ part, table, columns: columns.length ? columns : table.columns }] : [];
    }),
  );
}
