import type { Cell } from "../../data/select";
import type { Indicator, ValuesFile } from "../../data/types";
import type { Split } from "./splits";

/** What is looked at: two groups of one indicator, in one area and period. */
export interface At {
  indicator: Indicator;
  split: Split;
  file: ValuesFile;
  /** the file's numbers */
  all: readonly Cell[];
  area: string;
  period: string;
}
