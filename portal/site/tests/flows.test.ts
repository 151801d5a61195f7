import { describe, expect, it } from "vitest";
import { bands, flowFrom, isAtLeast, lastKnown, monthsReached } from "../src/data/flows";
import { inOrder, memberName } from "../src/data/members";
import type { Cell } from "../src/data/select";
import type { Catalogue, Status } from "../src/data/types";

const cell = (member: string, value: number | null, status: Status = "published", more: Partial<Cell> = {}): Cell => ({
  area: "330000", member, period: "2024", status, value, low: null, high: null, numerator: value, denominator: null,
  coverage: 50, as_of: "2024-12-31", version: 1, note: null, ...more,
});

describe("where learners go", () => {
  const total = cell("total", 200);
  it("draws a withheld rest only as wide as a published total tells it to be", () => {
    const flow = flowFrom("school", [cell("school", 96), cell("several", 0), cell("none", null, "withheld")], [total], "330000", "2024");
    expect(flow.hidden).toBe(104);
    expect(bands([flow])).toEqual([
      { from: "school", to: "school", value: 96 }, { from: "school", to: "withheld", value: 104 },
    ]);
  });
  it("draws nothing for a total that is no number, whatever is told of its parts", () => {
    const flow = flowFrom("school", [cell("none", 20), cell("school", null, "withheld")], [cell("total", null, "withheld")], "330000", "2024");
    expect([flow.hidden, bands([flow])]).toEqual([null, []]);
  });
  it("says at least where more may have gone than is drawn", () => {
    const whole = flowFrom("school", [cell("none", 200)], [total], "330000", "2024");
    const part = flowFrom("senior_university", [cell("none", null, "withheld")], [total], "330000", "2024");
    const away = flowFrom("open_university", [], [], "330000", "2024");
    expect([[whole, away], [whole, part]].map((flows) => isAtLeast(flows, "none"))).toEqual([false, true]);
  });
  it("leaves no rest where everything is told", () => {
    expect(flowFrom("school", [cell("none", 200)], [total], "330000", "2024").hidden).toBe(0);
  });
  it("keeps areas and years apart", () => {
    expect(flowFrom("school", [cell("none", 200)], [total], "330000", "2023").total).toBeUndefined();
    expect(flowFrom("school", [cell("none", 200)], [total], "330100", "2024").next.size).toBe(0);
  });
  it("opens the newest year that is known", () => {
    expect(lastKnown([total, cell("total", null, "needs_input", { period: "2025" })])).toBe("2024");
    expect(monthsReached(total)).toBe(12);
  });
});

describe("members", () => {
  const catalogue = { dimensions: { stage: { zh: "学段", en: "Stage", members: [{ code: "b", zh: "乙", en: "B" }, { code: "a", zh: "甲", en: "A" }] } } };
  it("stand in the catalogue's order, unnamed ones last by their code", () => {
    expect(inOrder(catalogue as unknown as Catalogue, "stage", ["x", "a", "b", "a"])).toEqual(["b", "a", "x"]);
    expect(memberName(catalogue as unknown as Catalogue, "stage", "x")).toEqual({ zh: "x", en: "x" });
  });
});
