import type { Area, Level } from "../data/types";
import { useSite } from "../site";
import { useWords } from "../words";
import { LEVELS } from "../words/levels";
import { Select } from "./Pickers";
import "./areas.css";

const BELOW: readonly Exclude<Level, "province">[] = ["county", "prefecture"];

/** Areas below the province that a view holds numbers of, one level at a time, in the address as `level`. */
export function useAreasBelow(isHeld: (area: Area) => boolean): { level: Level; levels: Level[]; areas: Area[] } {
  const { catalogue, term } = useSite();
  const held = catalogue.areas.filter((area) => area.level !== "province" && isHeld(area));
  const levels = BELOW.filter((each) => held.some((area) => area.level === each));
  const level = levels.find((each) => each === term("level")) ?? levels[0] ?? "county";
  return { level, levels, areas: held.filter((area) => area.level === level) };
}

/** Counties or prefectures, where there is a choice. */
export function LevelPicker({ level, levels }: { level: Level; levels: readonly Level[] }) {
  const { go } = useSite();
  const say = useWords(LEVELS);
  if (levels.length < 2) return null;
  const choices = levels.map((each) => ({ value: each, label: say(each as keyof typeof LEVELS) }));
  return <Select label={say("level")} value={level} choices={choices} onPick={(value) => go({ level: value })} />;
}
