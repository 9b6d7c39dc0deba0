"""The programs that answer in the shell as AOSP and vendor sources say they do."""
