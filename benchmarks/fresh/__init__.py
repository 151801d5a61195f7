"""How long a record takes from its topic into core while records keep coming, through the whole stack with Airflow."""
