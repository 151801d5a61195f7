import { describe, expect, it } from "vitest";
import { brief, neighbour, outline } from "./walk";

const grid = [
  { code: "a", x: 0, y: 0 }, { code: "b", x: 1, y: 0 }, { code: "d", x: 3, y: 0 },
  { code: "e", x: 0, y: 1 }, { code: "f", x: 1, y: 1 },
];

describe("neighbour", () => {
  it("goes straight on, over a gap, and stops at the edge", () => {
    expect(neighbour(grid, "a", "ArrowRight")).toBe("b");
    expect(neighbour(grid, "b", "ArrowRight")).toBe("d");
    expect(neighbour(grid, "d", "ArrowRight")).toBe("d");
    expect(neighbour(grid, "f", "ArrowUp")).toBe("b");
    expect(neighbour(grid, "a", "ArrowDown")).toBe("e");
    expect(neighbour(grid, "a", "Tab")).toBe("a");
  });
});

describe("outline", () => {
  it("runs where prefectures meet and round the land, each side once", () => {
    const path = outline([
      { column: 0, row: 0, parent: "p" }, { column: 1, row: 0, parent: "p" }, { column: 2, row: 0, parent: "q" },
    ], 10, 10);
    expect(path.match(/V/g)).toHaveLength(3); // the west, between p and q, the east
    expect(path.match(/H/g)).toHaveLength(6);
    expect(path).not.toContain("M10 0V");
  });
});

describe("brief", () => {
  it("keeps what people call a county", () => {
    expect(["西湖区", "义乌市", "景宁畲族自治县", "Xihu District", "Jingning She Autonomous County", "Chun'an County"].map(brief))
      .toEqual(["西湖", "义乌", "景宁", "Xihu", "Jingning", "Chun'an"]);
  });
});
