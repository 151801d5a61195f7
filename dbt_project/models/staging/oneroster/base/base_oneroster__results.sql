{{ latest_released('oneroster', 'results', also_indexed=['student_sourced_id', 'line_item_sourced_id']) }}
