"""Classic algorithms, one small file each: what a trained agent is compared with."""
