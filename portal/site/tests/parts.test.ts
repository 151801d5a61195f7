import { describe, expect, it } from "vitest";
import type { Point } from "../src/data/types";
import { isDark, PALETTE, RAMP, shade } from "../src/parts/colours";
import { sorted } from "../src/parts/DataTable";
import { found } from "../src/parts/Pickers";
import { csv, fileName, json, spreadsheet } from "../src/parts/sheet";
import { statement, traceCommand } from "../src/parts/SqlBox";
import { places, runs } from "../src/parts/Trend";

const SHEET = { name: "n", columns: ["a", "b"], rows: [["=1+1", -2], ['x,"y"', null], ["青田", 0]] };

describe("files", () => {
  it("are read as UTF-8, hold no formula, and keep nothing apart from zero", () => {
    expect(csv(SHEET)).toBe('\uFEFFa,b\r\n\'=1+1,-2\r\n"x,""y""",\r\n青田,0\r\n');
    expect(JSON.parse(json(SHEET))).toEqual([{ a: "=1+1", b: -2 }, { a: 'x,"y"', b: null }, { a: "青田", b: 0 }]);
    expect(spreadsheet(SHEET)[1]).toEqual([{ value: "=1+1", type: String }, { value: -2, type: Number }]);
  });
  it("have names that every system takes", () => expect(fileName("a/b", "../c d")).toBe("a-b_..-c-d"));
});

describe("what gives the same figures", () => {
  const slice = { indicator: "i", method: "m", realm: "simulated", area: "330106", period: "2025", dimension: "sex", member: "o'neil" };
  it("is a statement with every term quoted", () => {
    expect(statement(slice)).toContain("member = 'o''neil'\n    and area_code = '330106'");
    expect(statement({ indicator: "i", method: "m", realm: "real" })).toContain("dimension = 'total'");
  });
  it("and a command, for one figure alone", () => {
    expect(traceCommand(slice)).toBe("./flyover trace i 330106 2025 --method m --realm simulated --dimension sex --member 'o'\\''neil'");
    expect(traceCommand({ ...slice, area: undefined })).toBeNull();
  });
});

describe("a sparkline", () => {
  const point = (period: string, value: number | null): Point => ({
    period, status: value === null ? "withheld" : "published", value, low: null, high: null, numerator: null, denominator: null, coverage: null, as_of: "2025-01-01", version: 1, note: null,
  });
  it("draws no line through what is no number, and no dot at zero for it", () => {
    const dots = places([point("1", 1), point("2", 2), point("3", null), point("4", 4)]);
    expect(dots[2]!.y).toBeNull();
    expect(runs(dots).match(/M/g)).toHaveLength(2);
  });
  it("stands in the middle where nothing moves", () => expect(places([point("1", 3), point("2", 3)]).map((dot) => dot.y)).toEqual([20, 20]));
});

describe("lists", () => {
  it("sort what is nothing last, up and down", () => {
    const rows = [{ v: null }, { v: 2 }, { v: 10 }];
    expect(sorted(rows, (row) => row.v, false).map((row) => row.v)).toEqual([2, 10, null]);
    expect(sorted(rows, (row) => row.v, true).map((row) => row.v)).toEqual([10, 2, null]);
  });
  it("are searched by every word, in either language, by code and by group", () => {
    const choices = [{ value: "1", label: "青田县", group: "丽水市", also: "Qingtian County 331121" }, { value: "2", label: "西湖区", also: "Xihu 330106" }];
    for (const typed of ["青田", "qingtian", "3311", "丽水 青", " COUNTY "]) expect(found(choices, typed).map((each) => each.value)).toEqual(["1"]);
    expect(found(choices, "")).toHaveLength(2);
    expect(found(choices, "none")).toHaveLength(0);
  });
});

describe("colours", () => {
  it("stand on the ramp, ends included", () => expect([shade(0, 0, 1), shade(1, 0, 1), shade(5, 5, 5)]).toEqual([RAMP[0], RAMP.at(-1), RAMP[3]]));
  it("know what text reads on them", () => expect(RAMP.map(isDark)).toEqual([false, false, false, false, true, true, true]));
  it("are all different", () => expect(new Set(PALETTE).size).toBe(PALETTE.length));
});
