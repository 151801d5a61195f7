/** What is missing, put together by the return it waits for: pure, from data/gaps.json. */
import type { Catalogue, GapsFile, Named, Realm } from "../../data/types";

/** A return that takes data in: what it is called and who sends it. */
export interface Return extends Named {
  by: Named;
}

const STATISTICS: Named = { zh: "统计局", en: "Statistics bureaus" };
const EDUCATION: Named = { zh: "教育局", en: "Education bureaus" };
const LABOUR: Named = { zh: "人力社保局", en: "Human-resources bureaus" };

/** Every source that a missing return may name. */
export const RETURNS: Readonly<Record<string, Return>> = {
  "census.county_yearbook": { zh: "人口普查分县资料", en: "County yearbook of the census", by: STATISTICS },
  "census.population_by_age": { zh: "分年龄人口", en: "Population by single year of age", by: STATISTICS },
  "returns.surveys": { zh: "抽样调查结果", en: "Survey results", by: STATISTICS },
  "returns.births_migration": { zh: "出生与迁移报表", en: "Births and moves", by: STATISTICS },
  "returns.schools": { zh: "教育事业统计报表", en: "School returns", by: EDUCATION },
  "returns.higher_education": { zh: "高等教育统计报表", en: "Higher-education returns", by: EDUCATION },
  "returns.graduates": { zh: "高校毕业生报表", en: "Graduates by field", by: EDUCATION },
  "returns.community_learning": { zh: "社区学习月报", en: "Monthly returns of community learning", by: EDUCATION },
  "returns.targets": { zh: "规划目标", en: "Targets of plans", by: EDUCATION },
  "returns.vacancies": { zh: "招聘岗位报表", en: "Vacancies by occupation", by: LABOUR },
  hr: { zh: "就业登记和技能证书", en: "Registers of employment and skill certificates", by: LABOUR },
  oneroster: { zh: "学校系统数据包", en: "Bundles of the school systems", by: { zh: "教育局和学校", en: "Education bureaus and schools" } },
  oulad: { zh: "开放大学学习记录", en: "Records of open universities", by: { zh: "开放大学", en: "Open universities" } },
  senior: { zh: "老年大学报名登记", en: "Registers of senior universities", by: { zh: "老年大学", en: "Senior universities" } },
  "senior.enrolments": { zh: "老年大学报名登记", en: "Registers of senior universities", by: { zh: "老年大学", en: "Senior universities" } },
  credit_bank: { zh: "学分银行存入与认定记录", en: "Deposits and applications of the credit bank", by: { zh: "学分银行", en: "Credit bank" } },
  xapi: { zh: "在线学习记录（xAPI）", en: "Records of learning systems (xAPI)", by: { zh: "学习平台", en: "Learning systems" } },
  caliper: { zh: "在线学习记录（Caliper）", en: "Records of learning systems (Caliper)", by: { zh: "学习平台", en: "Learning systems" } },
};

export const NOBODY = "none";
/** What waits for one return, or for several that are needed together. */
export interface Waiting {
  /** the sources joined; "none" where no source delivers it */
  key: string;
  sources: string[];
  rows: GapsFile;
  /** `code.method` of what would be computable */
  indicators: string[];
  numbers: number;
  areas: string[];
  years: string[];
}

/** The sources that the words name after "source" or "sources"; none where nobody delivers it. */
export function sourcesIn(words: string): string[] {
  const found = new Set<string>();
  for (const match of words.matchAll(/(no )?\bsources? /g)) {
    if (match[1]) return [];
    for (const token of words.slice(match.index + match[0].length).split(/[\s,()]+/)) {
      const name = token.replace(/[;.：:]+$/, "");
      if (name in RETURNS) found.add(name);
      else if (name !== "and" && name !== "or") break;
      if (token.endsWith(";")) break;
    }
  }
  return [...found];
}

/** The years that the words name, "of 2016" or "of 2019 to 2025": a return is asked for by year. */
export function yearsIn(words: string): string[] {
  return [...words.matchAll(/\bof ((?:19|20)\d\d)(?: to ((?:19|20)\d\d))?\b/g)].flatMap(([, first, last]) =>
    Array.from({ length: Number(last ?? first) - Number(first) + 1 }, (_, at) => String(Number(first) + at)),
  );
}

/** All that is missing in a realm, what most numbers wait for first. */
export function waiting(gaps: GapsFile, realm: Realm): Waiting[] {
  const groups = new Map<string, GapsFile>();
  for (const row of gaps.filter((each) => each.realm === realm)) {
    const sources = [...new Set([...sourcesIn(row.missing_return), ...row.sources.filter((each) => each in RETURNS)])].sort();
    const key = sources.join("+") || NOBODY;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups]
    .map(([key, rows]): Waiting => ({
      key,
      sources: key === NOBODY ? [] : key.split("+"),
      rows,
      indicators: [...new Set(rows.map((row) => `${row.indicator}.${row.method}`))].sort(),
      numbers: rows.reduce((sum, row) => sum + row.numbers, 0),
      areas: [...new Set(rows.flatMap((row) => row.areas))].filter((code) => code !== "330000").sort(),
      years: [...new Set(rows.flatMap((row) => yearsIn(row.missing_return)))].sort(),
    }))
    .sort((one, other) => other.numbers - one.numbers || one.key.localeCompare(other.key));
}

/** How much each subject waits for, and how much of it is withheld: indicators (each with its method) and numbers. */
export interface SubjectCount {
  subject: string;
  indicators: number;
  numbers: number;
  published: number;
  withheld: number;
}

export function bySubject(catalogue: Catalogue, realm: Realm, groups: readonly Waiting[]): SubjectCount[] {
  const rows = groups.flatMap((group) => group.rows);
  const subjects = [...new Set(catalogue.indicators.map((each) => each.subject))];
  return subjects
    .map((subject): SubjectCount => {
      const mine = catalogue.indicators.filter((each) => each.subject === subject);
      const keys = new Set(mine.map((each) => `${each.code}.${each.method}`));
      const missing = rows.filter((row) => keys.has(`${row.indicator}.${row.method}`));
      return {
        subject,
        indicators: new Set(missing.map((row) => `${row.indicator}.${row.method}`)).size,
        numbers: missing.reduce((sum, row) => sum + row.numbers, 0),
        published: mine.reduce((sum, each) => sum + (each.has[realm]?.published ?? 0), 0),
        withheld: mine.reduce((sum, each) => sum + (each.has[realm]?.withheld ?? 0), 0),
      };
    })
    .filter((each) => each.numbers + each.published + each.withheld > 0);
}
