import { describe, expect, it } from "vitest";
import type { RevisionsFile } from "../src/data/types";
import { bySize, type Change, changesOf, counted, fateOf, movedBy } from "../src/parts/changes";

const seen = (value: number | null, status: "published" | "withheld" | "needs_input" = "published") => ({ status, value });
const change = (given: Partial<Change>): Change => ({
  method: "m", area: "330000", period: "2025", dimension: "total", member: "total", old: seen(1), new: seen(2), why: "data", ...given,
});

describe("what became of a figure", () => {
  it("has a size only between two published numbers", () => {
    expect(movedBy(change({ old: seen(10), new: seen(9.5) }))).toBe(-0.5);
    expect(movedBy(change({ old: seen(10, "withheld") }))).toBeNull();
    expect(movedBy(change({ old: null }))).toBeNull();
  });
  it("is told apart", () => {
    expect(fateOf(change({}))).toBe("moved");
    expect(fateOf(change({ old: null }))).toBe("came");
    expect(fateOf(change({ new: null }))).toBe("went");
    expect(fateOf(change({ new: seen(null, "withheld") }))).toBe("hidden");
    expect(fateOf(change({ old: seen(null, "withheld") }))).toBe("shown");
    expect(fateOf(change({ old: seen(null, "needs_input") }))).toBe("came");
    expect(fateOf(change({ new: seen(null, "needs_input") }))).toBe("other");
  });
});

describe("changes of an indicator", () => {
  const file = { changes: [change({ new: seen(1.1) }), change({ period: "2024", new: seen(7), why: "models" }), change({ area: "330106", old: null })] } as RevisionsFile;
  it("are narrowed down by whatever is asked for", () => {
    expect(changesOf(file, {})).toHaveLength(3);
    expect(changesOf(file, { area: "330000", period: "2024", why: "" })).toHaveLength(1);
    expect(changesOf(file, { method: "other" })).toEqual([]);
  });
  it("come largest first, and those without a size last", () => {
    expect(bySize(file.changes).map(movedBy)).toEqual([6, expect.closeTo(0.1), null]);
  });
  it("are counted by reason", () => expect(counted(file.changes)).toEqual([{ why: "data", number: 2 }, { why: "models", number: 1 }]));
});
