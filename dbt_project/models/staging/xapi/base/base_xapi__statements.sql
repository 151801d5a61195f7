{{ latest_released('xapi', 'statements', also_indexed=['actor', 'voids']) }}
