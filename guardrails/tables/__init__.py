"""The rules of the guards that are made of rules, one YAML file each."""
