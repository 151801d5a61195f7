export const LEVELS = {
  level: ["层级", "Level"],
  county: ["县（市、区）", "Counties"],
  prefecture: ["设区市", "Prefectures"],
} as const;
