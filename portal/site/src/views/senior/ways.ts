/** The two ways the old are counted as taking part. */
import { newest, seriesOf } from "../../data/select";
import type { AreaFile } from "../../data/types";

export const CODE = "senior_participation";
export const WAYS = ["any_source", "senior_universities"] as const;
export type Way = (typeof WAYS)[number];

/** The newest point of one way, in an area. */
export const nowOf = (file: AreaFile, way: Way) => newest(seriesOf(file, CODE, way));
