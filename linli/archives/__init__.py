"""Archives (一户一档): a case or a batch as an indexed folder that an auditor reads, and checks, without this system."""
