/** The views in the order of the menu, in groups of plain words. A view's code is loaded when it is opened. */
import type { Named } from "../data/types";
import type { Viewable } from "./view";

export type Group = "about" | "places" | "fairness" | "people" | "behind";

export interface Entry extends Named {
  id: string;
  group: Group;
}

export const ENTRIES: readonly Entry[] = [
  { id: "overview", group: "about", zh: "总览", en: "Overview" },
  { id: "counties", group: "places", zh: "各县（市、区）", en: "Counties" },
  { id: "compare", group: "places", zh: "比较", en: "Compare" },
  { id: "brief", group: "places", zh: "一页县情", en: "County brief" },
  { id: "gaps", group: "fairness", zh: "差距", en: "Gaps" },
  { id: "senior", group: "people", zh: "老年学习", en: "Senior learning" },
  { id: "flow", group: "people", zh: "学习者流动", en: "Learner flow" },
  { id: "credit", group: "people", zh: "学分银行", en: "Credit bank" },
  { id: "labour", group: "people", zh: "毕业与岗位", en: "Graduates and jobs" },
  { id: "places", group: "people", zh: "2030年学位", en: "Places in 2030" },
  { id: "changes", group: "behind", zh: "本次变动", en: "What changed" },
  { id: "missing", group: "behind", zh: "缺少的数据", en: "What is missing" },
  { id: "questions", group: "behind", zh: "用 SQL 提问", en: "Questions in SQL" },
  { id: "dictionary", group: "behind", zh: "数据字典", en: "Data dictionary" },
];
const pages = import.meta.glob<{ View: Viewable }>("./*/index.tsx");

/** The code of a view; undefined where there is none of that name. */
export function load(id: string): Promise<Viewable> | undefined {
  return pages[`./${id}/index.tsx`]?.().then((module) => module.View);
}
