SELECT payload::text FROM trace_fact WHERE chain < %(shared)s AND payload ? 'bulk'
