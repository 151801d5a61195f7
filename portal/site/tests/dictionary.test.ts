import { describe, expect, test } from "vitest";
import { meaning, type Part, search, type Table } from "../src/data/dictionary";

const part = (id: string, is_open: boolean): Part => ({
  id, kind: "schema", zh: id, en: id, note_zh: "", note_en: "", is_open, tables: [],
});
const VALUES: Table = {
  name: "mart.indicator_value", zh: "全部数字", en: "All numbers",
  columns: [{ name: "value", zh: "数值", en: "The number" }, { name: "sex_code", en: "Sex", codes: [["1", "男", "male"]] }],
};
const USERS: Table = { name: "oneroster.users", en: "Users", columns: [{ name: "sex", source_name: "demographics.sex", en: "Sex of the user" }] };
const PARTS = [part("mart", true), part("oneroster", false)];
const TABLES = new Map([["mart", [VALUES]], ["oneroster", [USERS]]]);
const found = (asked: string) => search(PARTS, TABLES, asked).map((hit) => [hit.table.name, hit.columns.map((each) => each.name)]);

describe("the dictionary is searched", () => {
  test("by name, meaning, the sender's word and codes, in either language", () => {
    expect(found("SEX")).toEqual([["mart.indicator_value", ["sex_code"]], ["oneroster.users", ["sex"]]]);
    expect(found("数值")).toEqual([["mart.indicator_value", ["value"]]]);
    expect(found("男")).toEqual([["mart.indicator_value", ["sex_code"]]]);
    expect(found("demographics")).toEqual([["oneroster.users", ["sex"]]]);
  });
  test("for all words at once", () => {
    expect(found("sex user")).toEqual([["oneroster.users", ["sex"]]]);
    expect(found("sex nobody")).toEqual([]);
    expect(found("  ")).toEqual([]);
  });
  test("a table that is meant shows all its columns", () => {
    expect(found("全部")).toEqual([["mart.indicator_value", ["value", "sex_code"]]]);
  });
});

test("a meaning is said in the other language rather than not at all, and says in which", () => {
  expect(meaning({ zh: "数值", en: "value" }, "zh")).toEqual({ text: "数值", lang: "zh" });
  expect(meaning({ en: "value" }, "zh")).toEqual({ text: "value", lang: "en" });
  expect(meaning({}, "en")).toEqual({ text: "", lang: "zh" });
});
