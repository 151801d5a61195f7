export const QUESTIONS = {
  list: ["问题", "Questions"],
  sql: ["SQL 语句", "The statement"],
  answer: ["本次发布的回答（第 {release} 次发布，{rows} 行）", "The answer of release {release}, {rows} rows"],
  caption: ["{question} 的回答", "Answer to: {question}"],
  nothing: ["本次发布没有这个问题的数字。", "This release has no figures that answer it."],
  none: ["还没有写出问题。", "No questions have been written yet."],
  how: ["怎样运行", "How to run it"],
  cli: ["在装有 Flyover 的机器上：", "On a machine that has Flyover:"],
  psql: ["或用任何 SQL 工具，以角色 policymaker 连接（只读）：", "Or from any SQL tool, as role policymaker (read only):"],
  files: ["没有数据库时，用 DuckDB 读 Parquet 文件：", "Without the database, DuckDB reads the Parquet files:"],
} as const;
